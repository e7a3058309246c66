/** How much was freed, how much has been watched, and what comes next. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { changes, css, type Properties } from "./element";
import { Card, settings } from "./base";
import { ago, date, size } from "./format";
import { language, text } from "./texts";
import type { CardConfig, Statistics } from "./types";

export class Stats extends Card {
  static override properties: Properties = {
    ...Card.properties,
    _figures: changes,
  };

  declare _figures: Statistics | undefined;

  static getConfigForm(): object {
    return settings();
  }

  static getStubConfig(): Partial<CardConfig> {
    return {};
  }

  protected override heard(): void {
    void this._read();
  }

  private async _read(): Promise<void> {
    try {
      this._figures = await this.hass!.callWS<Statistics>({
        type: "oxicleanarr/statistics",
        config_entry_id: this.plan!.config_entry_id,
      });
    } catch (error) {
      this.wrong(error);
    }
  }

  protected override render(): TemplateResult {
    const hass = this.hass;
    const figures = this._figures;
    return html`<ha-card>
      <div class="head"><h2>${this.config?.title || text(hass, "stats")}</h2></div>
      ${
        figures
          ? html`<p class="big">${text(hass, "freed_total", { size: size(hass, figures.reclaimed_bytes) })}</p>
              ${this._weeks(figures)} ${this._libraries(figures)} ${this._next(figures)}`
          : html`<div class="empty" role="status">${text(hass, this.error ? "not_ready" : "loading")}</div>`
      }
    </ha-card>`;
  }

  private _weeks(figures: Statistics) {
    const hass = this.hass;
    const most = Math.max(...figures.weeks.map((one) => one.bytes));
    if (!most) return nothing;
    const at = (day: string): string => date(hass, `${day}T12:00:00`, { month: "short", day: "numeric" });
    return html`<h3>${text(hass, "freed_weeks")}</h3>
      <ul class="weeks">
        ${figures.weeks.map((one) => {
          const label = text(hass, "week_label", { date: at(one.begins_on), size: size(hass, one.bytes) });
          return html`<li title=${label}>
            <span class="hidden">${label}</span
            ><i class=${one.bytes ? "some" : ""} style="height:${one.bytes ? Math.max(4, (100 * one.bytes) / most) : 2}%"></i>
          </li>`;
        })}
      </ul>
      <div class="ends soft small" aria-hidden="true">
        <span>${at(figures.weeks[0]!.begins_on)}</span><span>${size(hass, most)}</span
        ><span>${at(figures.weeks.at(-1)!.begins_on)}</span>
      </div>`;
  }

  private _libraries(figures: Statistics) {
    const hass = this.hass;
    const known = figures.libraries.filter((one) => one.watched_share !== null);
    if (!known.length) return nothing;
    const percent = new Intl.NumberFormat(language(hass), { style: "percent", maximumFractionDigits: 0 });
    return html`<h3>${text(hass, "watched_share")}</h3>
      <ul>
        ${known.map((one) => {
          const share = percent.format(one.watched_share! / 100);
          return html`<li class="share">
            <div class="row between"><span>${one.name}</span><span class="soft">${share}</span></div>
            <progress
              max="100"
              .value=${one.watched_share!}
              aria-label=${text(hass, "share_label", { name: one.name, share })}
            ></progress>
          </li>`;
        })}
      </ul>`;
  }

  private _next(figures: Statistics): TemplateResult {
    const hass = this.hass;
    const lines = [
      figures.dry_run
        ? text(hass, "next_dry")
        : text(hass, figures.automatic_deletion ? "next_auto" : "next_manual"),
      [
        figures.due ? text(hass, "next_due", { count: figures.due }) : "",
        figures.next_deletion ? text(hass, "next_date", { date: date(hass, figures.next_deletion) }) : "",
        figures.synced_at ? text(hass, "last_sync", { when: ago(hass, figures.synced_at) }) : "",
      ]
        .filter(Boolean)
        .join(" · "),
    ];
    return html`<h3>${text(hass, "next")}</h3>
      ${lines.filter(Boolean).map((one) => html`<p class="soft">${one}</p>`)}`;
  }

  static override styles = [
    ...Card.styles,
    css`
      .big {
        font-size: 18px;
        line-height: 26px;
        margin-top: 4px;
      }
      h3 {
        margin: 16px 0 6px;
        font-size: 14px;
        line-height: 20px;
      }
      .weeks {
        display: flex;
        gap: 3px;
        align-items: end;
        height: 96px;
        border-bottom: 1px solid var(--line);
      }
      .weeks li {
        flex: 1;
        height: 100%;
        display: flex;
        align-items: end;
        position: relative;
      }
      i {
        display: block;
        width: 100%;
        background: var(--line);
        border-radius: 3px 3px 0 0;
      }
      i.some {
        background: var(--accent);
      }
      .ends,
      .between {
        display: flex;
        justify-content: space-between;
      }
      .ends {
        margin-top: 4px;
      }
      .share {
        margin: 6px 0 10px;
      }
    `,
  ];
}
