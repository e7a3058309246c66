/** Why a title stays or leaves, and what anybody can do about it. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { changes, css, type Properties } from "./element";
import { Part } from "./base";
import { date, name, size } from "./format";
import type { Household } from "./household";
import { shared } from "./styles";
import { counted, text } from "./texts";
import type { Explanation, Found, Hass, Pending, Plan, Step } from "./types";

const HELD: ReadonlySet<string> = new Set(["keep", "favorite", "unmatched", "unclear", "copy"]);

export class Why extends Part {
  static override properties: Properties = {
    ...Part.properties,
    plan: changes,
    household: changes,
    about: changes,
    postponeDays: changes,
    deletable: changes,
    _explanation: changes,
    _asking: changes,
    _busy: changes,
  };

  declare plan: Plan;
  declare household: Household | undefined;
  declare about: Pending | Found;
  declare postponeDays: number;
  /** Whether somebody is there who asks before a title is deleted. */
  declare deletable: boolean;
  declare _explanation: Explanation | undefined;
  declare _asking: boolean;
  declare _busy: boolean;
  private _asked = "";

  static override styles = [
    shared,
    css`
      .item {
        display: grid;
        grid-template-columns: 56px 1fr;
        gap: 12px;
        align-items: center;
      }
      .trace {
        margin-top: 12px;
      }
      .trace li {
        display: grid;
        grid-template-columns: 24px 1fr;
        gap: 8px;
        padding: 5px 0;
      }
      .mark {
        width: 20px;
        height: 20px;
        border-radius: 10px;
        display: grid;
        place-items: center;
        background: var(--line);
        color: var(--soft);
        --mdc-icon-size: 14px;
      }
      .mark.yes {
        background: var(--ok-quiet);
        color: var(--ok);
      }
      .mark.goes {
        background: var(--warn-quiet);
        color: var(--warn);
      }
      .change {
        margin: 12px 0;
      }
      .wait {
        min-height: 180px;
      }
    `,
  ];

  protected override beforeDrawing(): void {
    if (this.hass && this._asked !== this.about.item_id) {
      this._asked = this.about.item_id;
      this._explanation = undefined;
      void this._ask();
    }
  }

  private async _ask(): Promise<void> {
    const answer = await this.act<Explanation>(this.plan, "explain_item", { item_id: this.about.item_id });
    if (answer?.verdict) this._explanation = answer;
  }

  private _pending(): Pending | undefined {
    return this.plan.pending?.find((one) => one.item_id === this.about.item_id);
  }

  private async _do(action: string, data: object, said: string): Promise<void> {
    this._busy = true;
    const answer = await this.act(this.plan, action, data);
    this._busy = false;
    if (!answer) return;
    this._asking = false;
    this.toast(said);
    this.dispatchEvent(new CustomEvent("changed", { detail: { action, ...data } }));
    await this._ask();
  }

  private _keep(until?: string): void {
    const title = name(this.about);
    const said = until
      ? counted(this.hass, "toast_postponed", 1, { title, date: date(this.hass, until) })
      : counted(this.hass, "toast_kept", 1, { title });
    void this._do("keep_item", { item_id: this.about.item_id, ...(until ? { until } : {}) }, said);
  }

  private _postpone(): void {
    this._keep(later(this.postponeDays, this._pending()?.due_at));
  }

  protected override render() {
    const hass = this.hass;
    const pending = this._pending();
    const found = this._explanation;
    const facts = [
      this.about.year && this.about.kind !== "episode" ? String(this.about.year) : "",
      pending?.size_bytes ? size(hass, pending.size_bytes) : "",
      found?.item.library ?? "",
    ].filter(Boolean);
    return html`<div class="item">
        <oxicleanarr-poster small .path=${this.about.poster} .household=${this.household}></oxicleanarr-poster>
        <div>
          <h3>${name(this.about)}</h3>
          <p class="soft small">${facts.join(" · ")}</p>
        </div>
      </div>
      ${found ? this._answer(found, pending) : html`<div class="wait empty" role="status">${text(hass, "loading")}</div>`}`;
  }

  private _answer(found: Explanation, pending: Pending | undefined) {
    const { verdict } = found;
    const hass = this.hass;
    const stays = verdict.outcome === "keep";
    const due = pending?.due_at ?? verdict.due_at;
    return html`<div class="note ${stays ? "ok" : "warn"}" role="status">
        <strong>${stays || !due ? text(hass, "stays") : text(hass, "leaves", { date: date(hass, due) })}</strong>
        ${verdict.reason}
      </div>
      ${
        found.trace.length
          ? html`<ol class="trace" aria-label=${text(hass, "trace")}>
              ${found.trace.map((step) => this._step(step, verdict.reason))}
            </ol>`
          : nothing
      }
      ${verdict.would_change ? html`<p class="soft change">${verdict.would_change}</p>` : nothing}
      ${this._buttons(verdict, pending)}`;
  }

  private _step(step: Step, said: string | null) {
    const kind = step.matched ? (step.outcome === "delete" ? "goes" : "yes") : "";
    // What is outside the rules and holds a title has no name of its own.
    const says = HELD.has(step.type) ? `held_${step.type}` : step.matched ? "matched" : "asked";
    return html`<li>
      <span class="mark ${kind}" aria-hidden="true"
        ><ha-icon icon=${step.matched ? "mdi:check" : "mdi:minus"}></ha-icon
      ></span>
      <span
        >${text(this.hass, says as never, { rule: step.rule })}
        ${step.because && step.because !== said ? html`<br /><span class="soft small">${step.because}</span>` : nothing}</span
      >
    </li>`;
  }

  private _buttons(verdict: Explanation["verdict"], pending: Pending | undefined) {
    const hass = this.hass;
    const kept = verdict.reason_code === "kept_by_user";
    if (this._asking) {
      return untilForm(
        hass,
        (until) => this._keep(until),
        () => (this._asking = false),
        this._busy,
      );
    }
    return html`<div class="row">
      ${
        kept
          ? html`<button
              class="b fill"
              ?disabled=${this._busy}
              @click=${() =>
                this._do(
                  "unkeep_item",
                  { item_id: this.about.item_id },
                  text(hass, "toast_unkept", { title: name(this.about) }),
                )}
            >
              ${text(hass, "unkeep")}
            </button>`
          : html`<button class="b fill" ?disabled=${this._busy} @click=${() => this._keep()}>
              ${text(hass, "keep_for_good")}
            </button>`
      }
      <button class="b" ?disabled=${this._busy} @click=${() => (this._asking = true)}>${text(hass, "keep_until")}</button>
      ${
        pending
          ? html`<button class="b" ?disabled=${this._busy} @click=${this._postpone}>
              ${text(hass, "postpone", { days: this.postponeDays })}
            </button>`
          : nothing
      }
      ${
        pending && this.plan.admin && canApprove(pending)
          ? html`<button
              class="b"
              ?disabled=${this._busy}
              @click=${() =>
                this._do(
                  "approve_item",
                  { item_ids: [this.about.item_id] },
                  counted(hass, "toast_approved", 1, { title: name(this.about) }),
                )}
            >
              ${text(hass, "approve")}
            </button>`
          : nothing
      }
      ${
        pending?.approval === "approved"
          ? html`<button
              class="b"
              ?disabled=${this._busy}
              @click=${() =>
                this._do(
                  "unapprove_item",
                  { item_ids: [this.about.item_id] },
                  text(hass, "toast_unapproved", { title: name(this.about) }),
                )}
            >
              ${text(hass, "unapprove")}
            </button>`
          : nothing
      }
      ${
        pending && this.plan.admin && this.deletable
          ? html`<button
              class="b danger"
              @click=${() => this.dispatchEvent(new CustomEvent("delete", { detail: [pending] }))}
            >
              ${text(hass, "delete_now")}
            </button>`
          : nothing
      }
    </div>`;
  }
}

/** Returns whether an approval is what a title waits for. */
export function canApprove(one: Pending): boolean {
  return one.approval === "pending" || one.approval === "waiting";
}

/** Returns whether a title can be deleted now. */
export function isReady(one: Pending): boolean {
  return Date.parse(one.due_at) <= Date.now() && !canApprove(one);
}

/** Returns a form that asks until which day something is kept. */
export function untilForm(
  hass: Hass | undefined,
  chosen: (until: string) => void,
  cancel: () => void,
  busy = false,
): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const day = new FormData(event.target as HTMLFormElement).get("until");
    if (day) chosen(new Date(`${String(day)}T23:59:59`).toISOString());
  };
  return html`<form class="row" @submit=${submit}>
    <label
      >${text(hass, "date")}
      <input class="date" type="date" name="until" required min=${dayText(1)} value=${dayText(30)}
    /></label>
    <button class="b fill" type="submit" ?disabled=${busy}>${text(hass, "keep")}</button>
    <button class="b" type="button" @click=${cancel}>${text(hass, "cancel")}</button>
  </form>`;
}

/** Returns a day from today on as a date field has it. */
function dayText(days: number): string {
  const at = new Date();
  at.setDate(at.getDate() + days);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

/** Returns so many days after a title would leave, or after now if it is ready. */
export function later(days: number, due?: string): string {
  const from = Math.max(Date.now(), due ? Date.parse(due) : 0);
  return new Date(from + days * 86_400_000).toISOString();
}
