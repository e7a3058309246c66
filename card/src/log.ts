/** What was deleted, when, why and through what; and the way back, where there is one. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { changes, css, type Properties } from "./element";
import { Card, settings } from "./base";
import { ago, date, list, name, size, sizeOf, total } from "./format";
import { counted, text } from "./texts";
import type { CardConfig, Deletion } from "./types";

const MOST = 1000;

interface Brought {
  titles: { title: string; server: string | null; added: boolean; searched: boolean; reason: string | null }[];
}

/** Returns rows that were one deletion, such as the episodes of a series, side by side. */
function together(rows: Deletion[]): Deletion[][] {
  const groups = new Map<unknown, Deletion[]>();
  for (const row of rows) {
    const group = groups.get(row.deletion_id ?? row);
    if (group) group.push(row);
    else groups.set(row.deletion_id ?? row, [row]);
  }
  return [...groups.values()];
}

export class Log extends Card {
  static override properties: Properties = {
    ...Card.properties,
    _rows: changes,
    _shown: changes,
    _asking: changes,
    _busy: changes,
    _said: changes,
  };

  declare _rows: Deletion[] | undefined;
  declare _shown: number | undefined;
  declare _asking: Deletion | undefined;
  declare _busy: boolean;
  /** By a row's deletion, what bringing it back has said. */
  declare _said: ReadonlyMap<Deletion["deletion_id"], string[]>;

  constructor() {
    super();
    this._said = new Map();
  }

  static getConfigForm(): object {
    return settings("limit");
  }

  static getStubConfig(): Partial<CardConfig> {
    return { limit: 10 };
  }

  protected override heard(): void {
    void this._read();
  }

  private async _read(): Promise<void> {
    const answer = await this.act<{ deletions: Deletion[] }>(this.plan!, "get_deletions", { limit: MOST });
    if (answer) this._rows = answer.deletions;
  }

  protected override render(): TemplateResult {
    const hass = this.hass;
    const grouped = together(this._rows ?? []);
    const most = this._shown ?? this.config?.limit ?? 10;
    return html`<ha-card>
      <div class="head"><h2>${this.config?.title || text(hass, "log")}</h2></div>
      ${
        this._rows
          ? this._rows.length
            ? html`<ul class="log">
                ${grouped.slice(0, most).map((rows) => this._row(rows))}
              </ul>`
            : html`<div class="empty">
                <ha-icon icon="mdi:trash-can-outline"></ha-icon>
                <p>${text(hass, "log_empty")}</p>
              </div>`
          : html`<div class="empty" role="status">${text(hass, this.error ? "not_ready" : "loading")}</div>`
      }
      ${
        grouped.length > most
          ? html`<button class="b" @click=${() => (this._shown = most + 25)}>${text(hass, "more")}</button>`
          : nothing
      }
      ${this._asking ? this._ask(this._asking) : nothing}
    </ha-card>`;
  }

  private _row(rows: Deletion[]): TemplateResult {
    const hass = this.hass;
    const row = rows.find((one) => one.outcome !== "deleted") ?? rows[0]!;
    const facts = [
      ago(hass, row.finished_at ?? row.intended_at),
      rows.length > 1 && row.series ? counted(hass, "episodes", rows.length) : "",
      text(hass, "through", { apps: list(hass, [...new Set(rows.flatMap((one) => one.deleted_by))]) }),
      rows.length > 1 ? size(hass, total(rows)) : sizeOf(hass, row),
      row.outcome === "deleted" ? "" : text(hass, `outcome_${row.outcome}`),
      this._bin(row),
    ].filter(Boolean);
    const title = rows.length > 1 ? (row.series ?? row.title) : name(row);
    const said = this._said.get(row.deletion_id);
    return html`<li>
      <div>
        <p class="name">${title}</p>
        <p class="soft small" title=${date(hass, row.intended_at, { dateStyle: "long", timeStyle: "short" })}>
          ${facts.join(" · ")}
        </p>
        <p class="soft small">${row.error ?? row.reason}</p>
        ${said ? html`<p class="small ok" role="status">${said.map((one) => html`${one}<br />`)}</p>` : nothing}
      </div>
      ${this._way(row, title)}
    </li>`;
  }

  private _bin(row: Deletion): string {
    if (!row.recycle_bin) return "";
    if (!row.recoverable_until) return text(this.hass, "recycle");
    if (Date.parse(row.recoverable_until) < Date.now()) return "";
    return text(this.hass, "recycle_until", { date: date(this.hass, row.recoverable_until) });
  }

  /** Returns the way back of a deletion, once the integration knows of one. */
  private _way(row: Deletion, title: string) {
    const hass = this.hass;
    if (!row.bring_back || row.outcome === "failed") return nothing;
    if (row.bring_back === "possible") {
      return this.plan?.admin
        ? html`<button
            class="b"
            ?disabled=${this._busy}
            aria-label=${text(hass, "bring_back_title", { title })}
            @click=${() => (this._asking = row)}
          >
            ${text(hass, "bring_back")}
          </button>`
        : nothing;
    }
    const code = ({ under_way: "bring_under_way", done: "bring_done", impossible: "bring_impossible" } as const)[
      row.bring_back
    ];
    return html`<span class="small way ${row.bring_back}" title=${row.bring_back_reason ?? ""}>${text(hass, code)}</span>`;
  }

  private _ask(row: Deletion): TemplateResult {
    const hass = this.hass;
    const cancel = (): void => {
      this._asking = undefined;
    };
    return this.dialog(
      text(hass, "bring_heading", { title: name(row) }),
      cancel,
      html`<p>${text(hass, "bring_text")}</p>
        <form
          @submit=${(event: SubmitEvent) => {
            event.preventDefault();
            const search = new FormData(event.target as HTMLFormElement).has("search");
            cancel();
            void this._bring(row, search);
          }}
        >
          <label class="row"><input type="checkbox" name="search" checked /> ${text(hass, "bring_search")}</label>
          <div class="row end">
            <button class="b" type="button" @click=${cancel}>${text(hass, "cancel")}</button>
            <button class="b fill" type="submit">${text(hass, "bring_back")}</button>
          </div>
        </form>`,
    );
  }

  private async _bring(row: Deletion, search: boolean): Promise<void> {
    this._busy = true;
    const answer = await this.act<Brought>(this.plan!, "bring_back", { deletion_id: row.deletion_id, search });
    this._busy = false;
    if (!answer) return;
    const said = answer.titles.map((one) =>
      [
        one.added || one.searched
          ? text(this.hass, one.searched ? "bring_searched" : "bring_added", {
              title: one.title,
              server: one.server ?? "",
            })
          : `${one.title}:`,
        one.reason ?? "",
      ].join(" "),
    );
    this._said = new Map(this._said).set(row.deletion_id, said);
    await this._read();
  }

  static override styles = [
    ...Card.styles,
    css`
      .log {
        margin-top: 8px;
      }
      .log li {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 10px 0;
        border-top: 1px solid var(--line);
        content-visibility: auto;
        contain-intrinsic-size: auto 300px auto 72px;
      }
      .log li:first-child {
        border: 0;
      }
      .log div {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .name {
        font-weight: 500;
      }
      .way {
        color: var(--soft);
      }
      .under_way {
        color: var(--accent);
      }
      .done,
      .ok {
        color: var(--ok);
      }
      form {
        margin-top: 12px;
      }
    `,
  ];
}
