/** The wall: what leaves soon, as posters, and what can be done about it. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { changes, css, type Properties } from "./element";
import { Card, settings, VIEWS } from "./base";
import { canApprove, isReady, later, untilForm } from "./explanation";
import { ago, date, dayNumber, name, size, sizeOf, total, watched, when } from "./format";
import { counted, number, text } from "./texts";
import type { CardConfig, Hass, Pending, Plan } from "./types";

type View = (typeof VIEWS)[number];
const ICONS = { grid: "mdi:view-grid", list: "mdi:view-list", timeline: "mdi:calendar-week" };
const STRIP_DAYS = 14;
const PRESS_MS = 500;

interface Kept {
  title: Pending;
  until: string | null;
  synced_at: string | null;
}

type Failed = Pending & { error: string };

interface Report {
  dry_run: boolean;
  deleted: Pending[];
  skipped: Pending[];
  failed: Failed[];
  reclaimed_bytes: number;
}

export class Wall extends Card {
  static override properties: Properties = {
    ...Card.properties,
    _view: changes,
    _all: changes,
    _day: changes,
    _selecting: changes,
    _selected: changes,
    _kept: changes,
    _explaining: changes,
    _deleting: changes,
    _keeping: changes,
    _report: changes,
    _busy: changes,
  };

  declare _view: View | undefined;
  declare _all: boolean;
  declare _day: number | undefined;
  declare _selecting: boolean;
  declare _selected: ReadonlySet<string>;
  /** What was kept here, shown until the next sync so that it can be taken back. */
  declare _kept: ReadonlyMap<string, Kept>;
  declare _explaining: Pending | undefined;
  declare _deleting: Pending[] | undefined;
  declare _keeping: Pending[] | undefined;
  declare _report: Report | undefined;
  declare _busy: boolean;
  private _press?: ReturnType<typeof setTimeout>;
  private _pressed = false;
  /** Where each title stood when it was last in the plan. */
  private readonly _places = new Map<string, number>();

  constructor() {
    super();
    this._selected = new Set();
    this._kept = new Map();
  }

  static getConfigForm(): object {
    return settings("view", "days", "postpone_days");
  }

  static getStubConfig(): Partial<CardConfig> {
    return { view: "grid", days: 14 };
  }

  private get _days(): number {
    return this.config?.days ?? STRIP_DAYS;
  }

  private get _postponeDays(): number {
    return this.config?.postpone_days ?? 30;
  }

  protected override beforeDrawing(changed: ReadonlySet<string>): void {
    super.beforeDrawing(changed);
    if (changed.has("plan") && this.plan) {
      const { synced_at, pending } = this.plan;
      const kept = [...this._kept].filter(([, one]) => one.synced_at === synced_at);
      if (kept.length !== this._kept.size) this._kept = new Map(kept);
      pending?.forEach((one, place) => this._places.set(one.item_id, place));
      const there = new Set(pending?.map((one) => one.item_id));
      const selected = [...this._selected].filter((id) => there.has(id));
      if (selected.length !== this._selected.size) this._selected = new Set(selected);
    }
  }

  // --- what there is ---------------------------------------------------------------

  /** Returns in how many days a title leaves; what is ready leaves today. */
  private _daysLeft(one: Pending): number {
    return Math.max(0, dayNumber(this.hass, one.due_at) - dayNumber(this.hass, new Date()));
  }

  /** Returns how many titles leave after those that are here: of very many only the first are sent. */
  private _unsent(plan: Plan): number {
    const sent = plan.pending?.length ?? 0;
    return Math.max(0, (plan.counts?.["pending"] ?? 0) - sent);
  }

  private _titles(plan: Plan): Pending[] {
    const pending = plan.pending ?? [];
    const there = new Set(pending.map((one) => one.item_id));
    const titles = [...pending];
    const gone = [...this._kept.values()].filter((one) => !there.has(one.title.item_id));
    const at = (one: Kept): number => this._places.get(one.title.item_id) ?? 0;
    for (const one of gone.sort((one, other) => at(one) - at(other))) titles.splice(at(one), 0, one.title);
    return titles;
  }

  protected override render(): TemplateResult {
    const { plan, hass } = this;
    return html`<ha-card>
      <div class="head">
        <h2>${this.config?.title || text(hass, "leaving_soon")}</h2>
        ${plan?.dry_run ? html`<span class="chip warn">${text(hass, "dry_run")}</span>` : nothing}
        ${
          plan?.counts?.awaiting_approval
            ? html`<span class="chip">${counted(hass, "awaiting", plan.counts.awaiting_approval)}</span>`
            : nothing
        }
        ${plan?.pending?.length ? this._tools() : nothing}
      </div>
      ${plan ? this._content(plan) : this._waiting()}
    </ha-card>`;
  }

  private _waiting(): TemplateResult {
    const hass = this.hass;
    if (this.error === "not_found") {
      return html`<div class="empty" role="status">
        <ha-icon icon="mdi:timer-sand"></ha-icon>
        <p>${text(hass, "not_ready")}</p>
        ${this.config?.config_entry_id ? nothing : html`<p class="small">${text(hass, "several")}</p>`}
      </div>`;
    }
    return html`<p class="sum hidden" role="status">${text(hass, "loading")}</p>
      <ul class="wall" aria-hidden="true">
        ${Array.from({ length: 6 }, () => html`<li class="tile bone"><div></div></li>`)}
      </ul>`;
  }

  private _content(plan: Plan): TemplateResult {
    const hass = this.hass;
    const every = this._titles(plan);
    const soon = this._days && !this._all ? every.filter((one) => this._daysLeft(one) < this._days) : every;
    const shown = this._day === undefined ? soon : soon.filter((one) => this._daysLeft(one) === this._day);
    const later = every.length - soon.length;
    const unsent = this._unsent(plan);
    return html`${this._progress(plan)} ${this._blocked(plan)}
      ${
        every.length
          ? html`${soon.length ? html`<p class="sum soft">${this._summary(plan, soon)}</p>` : nothing}
              ${soon.length ? this._strip(soon) : nothing}
              ${
                shown.length
                  ? this._wall(shown)
                  : html`<div class="empty" role="status">
                      ${text(hass, this._day === undefined ? "nothing_soon" : "nothing_that_day", { days: this._days })}
                    </div>`
              }
              ${
                this._day === undefined && (later || (this._all && this._days))
                  ? html`<button class="b more" @click=${() => (this._all = !this._all)}>
                      ${this._all ? text(hass, "fewer") : counted(hass, "later", later)}
                    </button>`
                  : nothing
              }
              ${
                unsent
                  ? html`<p class="sum soft">${text(hass, "not_all", { shown: number(hass, every.length), count: number(hass, every.length + unsent) })}</p>`
                  : nothing
              }`
          : html`<div class="empty" role="status">
              <ha-icon icon=${plan.pending ? "mdi:movie-check-outline" : "mdi:movie-search-outline"}></ha-icon>
              ${
                plan.pending
                  ? html`<p>${text(hass, "nothing")}</p>
                      <p class="small">${text(hass, "nothing_hint")}</p>`
                  : html`<p>${text(hass, "first_sync")}</p>`
              }
            </div>`
      }
      ${this._selecting ? this._bar(plan, every) : nothing} ${this._dialogs(plan)}`;
  }

  private _summary(plan: Plan, soon: Pending[]): string {
    const hass = this.hass;
    const leaving = soon.filter((one) => !this._kept.has(one.item_id));
    if (!leaving.length) return text(hass, "nothing_soon", { days: this._days });
    const unsent = soon.length >= (plan.pending?.length ?? 0) ? this._unsent(plan) : 0;
    const whole = this._all || !this._days || unsent > 0;
    const bytes = whole && !this._kept.size ? (plan.reclaimable_bytes ?? total(leaving)) : total(leaving);
    const first = this._daysLeft(leaving[0]!);
    return [
      counted(hass, whole ? "summary_all" : "summary", leaving.length + unsent, { size: size(hass, bytes), days: this._days }),
      first < 1
        ? text(hass, "first_today")
        : first < 2
          ? text(hass, "first_tomorrow")
          : text(hass, "first_days", { days: first }),
    ].join(" ");
  }

  private _progress(plan: Plan) {
    const under = plan.progress;
    if (!under) return nothing;
    const hass = this.hass;
    const words = under.title
      ? text(hass, "work_title", { title: under.title })
      : text(hass, `work_${under.work}`);
    const far = under.total ? text(hass, "progress", { done: under.done, total: under.total }) : "";
    return html`<div class="note" role="status">
      <div class="row"><span class="grow">${words}</span><span>${far}</span></div>
      <progress
        aria-label=${words}
        max=${under.total ?? 1}
        .value=${under.total ? under.done : 0}
      ></progress>
    </div>`;
  }

  private _blocked(plan: Plan) {
    if (!plan.blocked_by.length) return nothing;
    const hass = this.hass;
    return html`<div class="note warn" role="status">
      <strong>${text(hass, "blocked")}</strong>
      ${plan.blocked_by.map((one) => html`<p>${one.reason}</p>`)}
      <p>
        ${plan.synced_at && plan.pending ? text(hass, "plan_of", { when: ago(hass, plan.synced_at) }) : nothing}
        ${plan.admin ? html`<a href="/config/repairs" @click=${this._follow}>${text(hass, "open_repairs")}</a>` : nothing}
      </p>
    </div>`;
  }

  /** Follows a link inside the frontend, without loading it again. */
  private _follow(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", (event.currentTarget as HTMLAnchorElement).getAttribute("href"));
    window.dispatchEvent(new CustomEvent("location-changed", { detail: { replace: false } }));
  }

  private _tools(): TemplateResult {
    const hass = this.hass;
    const now = this._view ?? this.config?.view ?? "grid";
    return html`<div class="tools" role="group" aria-label=${text(hass, "view")}>
        ${VIEWS.map(
          (view) =>
            html`<button
              class="tool"
              aria-pressed=${now === view}
              aria-label=${text(hass, `view_${view}`)}
              title=${text(hass, `view_${view}`)}
              @click=${() => (this._view = view)}
            >
              <ha-icon icon=${ICONS[view]}></ha-icon>
            </button>`,
        )}
      </div>
      <button
        class="b"
        aria-pressed=${Boolean(this._selecting)}
        @click=${() => {
          this._selecting = !this._selecting;
          this._selected = new Set();
        }}
      >
        ${text(hass, this._selecting ? "done" : "select")}
      </button>`;
  }

  private _strip(soon: Pending[]): TemplateResult {
    const hass = this.hass;
    const counts = new Map<number, number>();
    for (const one of soon) {
      const left = this._daysLeft(one);
      if (!this._kept.has(one.item_id)) counts.set(left, (counts.get(left) ?? 0) + 1);
    }
    return html`<div class="days" role="group" aria-label=${text(hass, "days_strip")}>
      ${Array.from({ length: STRIP_DAYS }, (_, left) => {
        const at = new Date(Date.now() + left * 86_400_000);
        const count = counts.get(left) ?? 0;
        return html`<button
          class="day ${count ? (left < 2 ? "now" : "has") : ""}"
          ?disabled=${!count && this._day !== left}
          aria-pressed=${this._day === left}
          @click=${() => (this._day = this._day === left ? undefined : left)}
        >
          ${date(hass, at, { weekday: "short" })} <b>${date(hass, at, { day: "numeric" })}</b> ${
            count ? html`${count} <span class="hidden">${counted(hass, "titles", count)}</span>` : "·"
          }
        </button>`;
      })}
    </div>`;
  }

  private _wall(shown: Pending[]): TemplateResult {
    const view = this._view ?? this.config?.view ?? "grid";
    if (view !== "timeline") return this._tiles(shown, view);
    const groups = new Map<number, Pending[]>();
    for (const one of shown) {
      const left = this._daysLeft(one);
      groups.set(left, [...(groups.get(left) ?? []), one]);
    }
    const hass = this.hass;
    return html`${[...groups].map(([left, group]) => {
      const day = date(hass, new Date(Date.now() + left * 86_400_000), {
        weekday: "long",
        month: "long",
        day: "numeric",
      });
      return html`<section>
        <h3>${left < 2 ? `${when(hass, left, false)}, ${day}` : day}</h3>
        <p class="soft small">${counted(hass, "day_titles", group.length)} · ${size(hass, total(group))}</p>
        ${this._tiles(group, "grid")}
      </section>`;
    })}`;
  }

  private _tiles(shown: Pending[], view: View): TemplateResult {
    return html`<ul class="wall ${view}">
      ${shown.map((one) => this._tile(one, view))}
    </ul>`;
  }

  private _tile(one: Pending, view: View): TemplateResult {
    const hass = this.hass;
    const kept = this._kept.get(one.item_id);
    const left = this._daysLeft(one);
    const due = Date.parse(one.due_at) <= Date.now();
    const asked = due && canApprove(one);
    const title = name(one);
    const badge = kept ? text(hass, "kept") : asked ? text(hass, "awaiting") : when(hass, left, due);
    const chosen = this._selected.has(one.item_id);
    const label = this._selecting
      ? text(hass, "select_title", { title, when: badge })
      : text(hass, "explain_title", { title, when: badge });
    return html`<li class="tile ${kept ? "kept" : ""} ${chosen ? "sel" : ""}">
      <button
        class="face"
        aria-label=${label}
        aria-pressed=${this._selecting ? String(chosen) : nothing}
        @click=${() => this._tapped(one)}
        @pointerdown=${() => this._pressing(one)}
        @pointerup=${this._released}
        @pointerleave=${this._released}
        @pointercancel=${this._released}
        @contextmenu=${(event: Event) => this._pressed && event.preventDefault()}
      >
        <oxicleanarr-poster
          ?small=${view === "list"}
          .path=${one.poster}
          .name=${title}
          .household=${this.household}
        ></oxicleanarr-poster>
        <span class="badge ${kept || asked ? "" : left < 2 ? "now" : left < 4 ? "soon" : ""}">${badge}</span>
        ${
          this._selecting
            ? html`<span class="check"
                ><ha-icon icon=${chosen ? "mdi:check-circle" : "mdi:checkbox-blank-circle-outline"}></ha-icon
              ></span>`
            : nothing
        }
      </button>
      <div class="words">
        <p class="name" title=${title}>${title}</p>
        <p class="why">
          ${
            kept
              ? kept.until
                ? text(hass, "kept_until", { date: date(hass, kept.until) })
                : text(hass, "kept")
              : watched(hass, one)
          }
        </p>
        <p class="why">
          ${one.watched && one.last_watched_at ? `${ago(hass, one.last_watched_at)} · ` : ""}${sizeOf(hass, one)}${this._approval(one)}${one.rule_type === "standard" ? "" : ` · ${one.rule}`}
        </p>
      </div>
      ${
        this._selecting
          ? nothing
          : html`<button
              class="keep"
              aria-label=${text(hass, kept ? "unkeep_title" : "keep_title", { title })}
              aria-pressed=${Boolean(kept)}
              @click=${() => (kept ? this._unkeep(one) : this._keep([one]))}
            >
              <ha-icon icon=${kept ? "mdi:bookmark" : "mdi:bookmark-outline"}></ha-icon>
            </button>`
      }
    </li>`;
  }

  private _approval(one: Pending) {
    if (!one.approval) return nothing;
    const code = ({ pending: "awaiting", waiting: "waits", approved: "approved" } as const)[one.approval];
    return html` · <span class=${one.approval}>${text(this.hass, code)}</span>`;
  }

  // --- fingers ---------------------------------------------------------------------

  private _pressing(one: Pending): void {
    this._pressed = false;
    clearTimeout(this._press);
    if (this._selecting) return;
    this._press = setTimeout(() => {
      this._pressed = true;
      this._selecting = true;
      this._toggle(one);
    }, PRESS_MS);
  }

  private _released(): void {
    clearTimeout(this._press);
  }

  private _tapped(one: Pending): void {
    if (this._pressed) {
      // The end of a long press, which has selected it already.
      this._pressed = false;
    } else if (this._selecting) {
      this._toggle(one);
    } else {
      this._explaining = one;
    }
  }

  private _toggle(one: Pending): void {
    const selected = new Set(this._selected);
    if (!selected.delete(one.item_id)) selected.add(one.item_id);
    this._selected = selected;
  }

  // --- what can be done ------------------------------------------------------------

  private _note(titles: Pending[], until: string | null): void {
    const kept = new Map(this._kept);
    for (const title of titles) kept.set(title.item_id, { title, until, synced_at: this.plan!.synced_at });
    this._kept = kept;
  }

  private _forget(id: string): void {
    const kept = new Map(this._kept);
    kept.delete(id);
    this._kept = kept;
  }

  private async _keep(titles: Pending[], untilOf?: (one: Pending) => string, days = 0): Promise<void> {
    const plan = this.plan!;
    this._busy = true;
    const done: Pending[] = [];
    for (const one of titles) {
      const until = untilOf?.(one);
      const answer = await this.act(plan, "keep_item", { item_id: one.item_id, ...(until ? { until } : {}) });
      if (!answer) break;
      this._note([one], until ?? null);
      done.push(one);
    }
    this._busy = false;
    if (done.length !== titles.length) return;
    this._stopSelecting();
    const title = name(done[0]!);
    const hass = this.hass;
    this.toast(
      untilOf
        ? counted(hass, "toast_postponed", done.length, { title, days, date: date(hass, untilOf(done[0]!)) })
        : counted(hass, "toast_kept", done.length, { title }),
    );
  }

  private async _unkeep(one: Pending): Promise<void> {
    const answer = await this.act(this.plan!, "unkeep_item", { item_id: one.item_id });
    if (!answer) return;
    this._forget(one.item_id);
    this.toast(text(this.hass, "toast_unkept", { title: name(one) }));
  }

  private async _approve(titles: Pending[]): Promise<void> {
    this._busy = true;
    const answer = await this.act(this.plan!, "approve_item", { item_ids: titles.map((one) => one.item_id) });
    this._busy = false;
    if (!answer) return;
    this._stopSelecting();
    this.toast(counted(this.hass, "toast_approved", titles.length, { title: name(titles[0]!) }));
  }

  private async _delete(titles: Pending[]): Promise<void> {
    this._busy = true;
    const report = await this.act<Report>(this.plan!, "delete_media", { item_ids: titles.map((one) => one.item_id) });
    this._busy = false;
    this._deleting = undefined;
    if (!report) return;
    this._stopSelecting();
    this._report = report;
  }

  private _stopSelecting(): void {
    this._selecting = false;
    this._selected = new Set();
  }

  private _bar(plan: Plan, every: Pending[]): TemplateResult {
    const hass = this.hass;
    const chosen = every.filter((one) => this._selected.has(one.item_id));
    const approvable = chosen.filter(canApprove);
    const off = !chosen.length || this._busy;
    return html`<div class="bar" role="toolbar" aria-label=${text(hass, "select")}>
      <b aria-live="polite">${counted(hass, "selected", chosen.length)} · ${size(hass, total(chosen))}</b>
      <button class="b fill" ?disabled=${off} @click=${() => this._keep(chosen)}>${text(hass, "keep")}</button>
      <button class="b" ?disabled=${off} @click=${() => (this._keeping = chosen)}>${text(hass, "keep_until")}</button>
      <button
        class="b"
        ?disabled=${off}
        @click=${() => this._keep(chosen, (one) => later(this._postponeDays, one.due_at), this._postponeDays)}
      >
        ${text(hass, "postpone", { days: this._postponeDays })}
      </button>
      ${
        plan.admin && approvable.length
          ? html`<button class="b" ?disabled=${off} @click=${() => this._approve(approvable)}>
              ${text(hass, "approve")}
            </button>`
          : nothing
      }
      ${
        plan.admin
          ? html`<button class="b danger" ?disabled=${off} @click=${() => (this._deleting = chosen)}>
              ${text(hass, "delete_now")}
            </button>`
          : nothing
      }
    </div>`;
  }

  // --- dialogs ---------------------------------------------------------------------

  private _dialogs(plan: Plan) {
    if (this._deleting) return this._confirm(plan, this._deleting);
    if (this._report) return this._result(this._report);
    if (this._keeping) return this._until(this._keeping);
    if (this._explaining) return this._explain(plan, this._explaining);
    return nothing;
  }

  private _explain(plan: Plan, one: Pending): TemplateResult {
    return this.dialog(
      text(this.hass, "why"),
      () => (this._explaining = undefined),
      html`<oxicleanarr-why
          .deletable=${true}
          .hass=${this.hass}
          .plan=${plan}
          .household=${this.household}
          .about=${one}
          .postponeDays=${this._postponeDays}
          @changed=${(event: CustomEvent<{ action: string; until?: string }>) => {
            if (event.detail.action === "keep_item") this._note([one], event.detail.until ?? null);
            if (event.detail.action === "unkeep_item") this._forget(one.item_id);
          }}
          @delete=${(event: CustomEvent<Pending[]>) => {
            this._explaining = undefined;
            this._deleting = event.detail;
          }}
        ></oxicleanarr-why>
        ${this._closing()}`,
    );
  }

  private _closing(): TemplateResult {
    return html`<div class="row end">
      <button class="b" @click=${this._close}>${text(this.hass, "close")}</button>
    </div>`;
  }

  private _close(): void {
    this._explaining = this._deleting = this._keeping = this._report = undefined;
  }

  private _until(titles: Pending[]): TemplateResult {
    return this.dialog(
      counted(this.hass, "keep_until_heading", titles.length, { title: name(titles[0]!) }),
      this._close,
      untilForm(
        this.hass,
        (until) => {
          this._keeping = undefined;
          void this._keep(titles, () => until);
        },
        () => this._close(),
      ),
    );
  }

  private _confirm(plan: Plan, titles: Pending[]): TemplateResult {
    const hass = this.hass;
    const ready = titles.filter(isReady);
    const early = titles.length - ready.length;
    const what = !ready.length ? "delete_none" : plan.dry_run ? "delete_dry" : "delete_text";
    return this.dialog(
      counted(hass, "delete_heading", titles.length, { title: name(titles[0]!) }),
      this._close,
      html`<ul class="plain">
          ${titles.map((one) => html`<li>${name(one)} <span class="soft">· ${sizeOf(hass, one)}</span></li>`)}
        </ul>
        <p>${text(hass, what, { size: size(hass, total(ready)) })}</p>
        ${ready.length && early ? html`<p>${counted(hass, "delete_early", early)}</p>` : nothing}
        <div class="row end">
          <button class="b" @click=${this._close}>${text(hass, "cancel")}</button>
          <button class="b fill danger" ?disabled=${!ready.length || this._busy} @click=${() => this._delete(ready)}>
            ${text(hass, plan.dry_run ? "try" : "delete")}
          </button>
        </div>`,
    );
  }

  private _result(report: Report): TemplateResult {
    const hass = this.hass;
    const part = (code: "result_skipped" | "result_failed", rows: Pending[], why: (one: Pending) => string) =>
      rows.length
        ? html`<h3>${text(hass, code)}</h3>
            <ul class="plain">
              ${rows.map((one) => html`<li>${name(one)}<br /><span class="soft small">${why(one)}</span></li>`)}
            </ul>`
        : nothing;
    return this.dialog(
      text(hass, "result"),
      this._close,
      html`<p>
          ${
            report.deleted.length
              ? counted(hass, "result_deleted", report.deleted.length, { size: size(hass, report.reclaimed_bytes) })
              : text(hass, "result_nothing")
          }
        </p>
        ${part("result_skipped", report.skipped, (one) => one.reason)}
        ${part("result_failed", report.failed, (one) => (one as Failed).error)} ${this._closing()}`,
    );
  }

  static override styles = [
    ...Card.styles,
    css`
      .sum {
        margin: 4px 0 12px;
      }
      .grow {
        flex: 1;
      }
      .note {
        margin-bottom: 4px;
      }
      .tools {
        display: flex;
        border-radius: 20px;
        background: var(--accent-quiet);
      }
      .tool {
        width: 40px;
        height: 40px;
        border-radius: 20px;
        color: var(--accent);
        display: grid;
        place-items: center;
        --mdc-icon-size: 20px;
      }
      .tool[aria-pressed="true"] {
        background: var(--loud);
        color: var(--on-loud);
      }
      .days {
        display: grid;
        grid-template-columns: repeat(14, 1fr);
        gap: 4px;
        margin: 0 0 14px;
      }
      .day {
        border-radius: 8px;
        text-align: center;
        padding: 6px 0 5px;
        color: var(--soft);
        font-size: 11px;
        line-height: 14px;
        min-height: 44px;
      }
      .day b {
        display: block;
        color: var(--text);
        font-size: 13px;
        font-weight: 500;
      }
      .day[disabled] {
        cursor: default;
      }
      .day.has,
      .day.has b {
        background: var(--accent-quiet);
        color: var(--accent);
      }
      .day.now,
      .day.now b {
        background: var(--danger-quiet);
        color: var(--danger);
      }
      .day[aria-pressed="true"] {
        outline: 2px solid currentColor;
      }
      section {
        margin-top: 16px;
      }
      section p {
        margin-bottom: 8px;
      }
      .wall {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(132px, 1fr));
        gap: 16px 12px;
      }
      .wall.list {
        grid-template-columns: 1fr;
        gap: 8px;
      }
      .tile {
        position: relative;
        min-width: 0;
        content-visibility: auto;
        contain-intrinsic-size: auto 150px auto 290px;
      }
      .list .tile {
        display: grid;
        grid-template-columns: 48px 1fr auto;
        gap: 12px;
        align-items: center;
        contain-intrinsic-size: auto 300px auto 72px;
      }
      .bone div {
        aspect-ratio: 2/3;
        margin-bottom: 64px;
        border-radius: 10px;
        background: var(--line);
      }
      .face {
        display: block;
        width: 100%;
        border-radius: 10px;
        position: relative;
        touch-action: pan-y;
        user-select: none;
        -webkit-touch-callout: none;
      }
      .list .face {
        position: static;
      }
      .list .face::after {
        content: "";
        position: absolute;
        inset: 0;
      }
      :is(.badge, .keep, .check) {
        position: absolute;
        z-index: 1;
        background: rgba(16, 20, 24, 0.82);
        color: #fff;
      }
      .badge {
        inset-inline-start: 8px;
        top: 8px;
        border-radius: 8px;
        padding: 3px 8px;
        font-size: 12px;
        line-height: 16px;
        font-weight: 500;
      }
      .badge.now {
        background: #b3261e;
      }
      .badge.soon {
        background: #8a5a00;
      }
      .list .badge {
        position: absolute;
        inset-inline: auto 56px;
        top: 50%;
        transform: translateY(-50%);
      }
      .keep,
      .check {
        inset-inline-end: 6px;
        top: 6px;
        width: 40px;
        height: 40px;
        border-radius: 20px;
        display: grid;
        place-items: center;
        --mdc-icon-size: 20px;
      }
      .list .keep,
      .list .check {
        position: relative;
        inset: auto;
        background: transparent;
        color: var(--text);
      }
      .list .check {
        position: absolute;
        inset-inline-end: 0;
        top: 50%;
        transform: translateY(-50%);
      }
      .list .words {
        padding-inline-end: 96px;
      }
      .name {
        font-weight: 500;
        margin: 8px 0 0;
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .list .name {
        margin: 0;
      }
      .why {
        overflow-wrap: anywhere;
        color: var(--soft);
        font-size: 12px;
        line-height: 16px;
      }
      .pending,
      .waiting {
        color: var(--warn);
      }
      .approved {
        color: var(--ok);
      }
      .face:focus-visible {
        outline: 0;
      }
      .face:focus-visible::after,
      .sel .face::after {
        content: "";
        position: absolute;
        inset: 0;
        border-radius: 10px;
        box-shadow:
          inset 0 0 0 3px var(--accent),
          inset 0 0 0 5px var(--card-background-color, #fff);
      }
      .tile.kept oxicleanarr-poster {
        filter: grayscale(0.9) brightness(0.6);
      }
      .tile.kept .why {
        color: var(--ok);
      }
      .more {
        display: block;
        margin: 12px auto 0;
      }
      .bar {
        position: sticky;
        bottom: max(8px, env(safe-area-inset-bottom));
        z-index: 2;
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        align-items: center;
        background: var(--accent-quiet);
        color: var(--accent);
        border-radius: 12px;
        padding: 8px 12px;
        margin-top: 14px;
        box-shadow: var(--ha-box-shadow-m, 0 2px 8px rgba(0, 0, 0, 0.25));
      }
      .bar b {
        flex: 1;
        font-weight: 500;
        min-width: 140px;
      }
      .plain {
        margin: 8px 0 12px;
      }
      .plain li {
        padding: 2px 0;
      }
      @container (max-width: 480px) {
        .days {
          grid-template-columns: repeat(7, 1fr);
        }
        .day:nth-child(n + 8) {
          display: none;
        }
        .wall:not(.list) {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
      }
      @media (prefers-reduced-motion: no-preference) {
        .b,
        .day {
          transition: background-color 0.15s;
        }
      }
    `,
  ];
}

/** Whether a suggestion fits: the entities that say what leaves. */
export function suggests(hass: Hass, entityId: string): boolean {
  const entity = hass.entities[entityId];
  return (
    entity?.platform === "oxicleanarr" &&
    ["leaving_soon", "pending_deletions", "due", "deletions", "reclaimable_space"].includes(entity.translation_key ?? "")
  );
}
