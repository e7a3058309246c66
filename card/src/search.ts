/** Find any title, and see why it stays or when it leaves. */
import { html, nothing, type TemplateResult } from "lit/html.js";
import { changes, css, type Properties } from "./element";
import { Card, settings } from "./base";
import { date, name } from "./format";
import { text } from "./texts";
import type { CardConfig, Found } from "./types";

const TYPING_MS = 250;

export class Search extends Card {
  static override properties: Properties = {
    ...Card.properties,
    _query: changes,
    _found: changes,
    _more: changes,
    _chosen: changes,
  };

  declare _query: string;
  declare _found: Found[] | undefined;
  declare _more: boolean;
  declare _chosen: Found | undefined;
  private _typing?: ReturnType<typeof setTimeout>;

  static getConfigForm(): object {
    return settings("postpone_days");
  }

  static getStubConfig(): Partial<CardConfig> {
    return {};
  }

  override getCardSize(): number {
    return 3;
  }

  protected override render(): TemplateResult {
    const hass = this.hass;
    const label = this.config?.title || text(hass, "search");
    return html`<ha-card>
      <label class="find">
        <ha-icon icon="mdi:magnify"></ha-icon>
        <input
          type="search"
          maxlength="200"
          autocomplete="off"
          aria-label=${label}
          placeholder=${label}
          .value=${this._query ?? ""}
          @input=${this._typed}
        />
      </label>
      <div aria-live="polite">${this._answer()}</div>
    </ha-card>`;
  }

  private _answer() {
    const hass = this.hass;
    if (this._chosen && this.plan) {
      return html`<button class="b back" @click=${() => (this._chosen = undefined)}>
          <ha-icon icon="mdi:arrow-left"></ha-icon>${text(hass, "back")}
        </button>
        <oxicleanarr-why
          .hass=${hass}
          .plan=${this.plan}
          .household=${this.household}
          .about=${this._chosen}
          .postponeDays=${this.config?.postpone_days ?? 30}
        ></oxicleanarr-why>`;
    }
    if (!this._query?.trim() || !this._found) {
      return this.plan || !this.error ? nothing : html`<p class="soft hint">${text(hass, "not_ready")}</p>`;
    }
    if (!this._found.length) return html`<p class="soft hint">${text(hass, "no_match", { query: this._query })}</p>`;
    return html`<ul>
        ${this._found.map(
          (one) => html`<li>
            <button class="hit" @click=${() => (this._chosen = one)}>
              <oxicleanarr-poster small .path=${one.poster} .household=${this.household}></oxicleanarr-poster>
              <span
                >${name(one)} ${one.year && one.kind !== "episode" ? html`<span class="soft">(${one.year})</span>` : nothing}
                <br /><span class="small ${one.due_at ? "goes" : "soft"}"
                  >${one.due_at ? text(hass, "leaves", { date: date(hass, one.due_at) }) : text(hass, "stays")}</span
                ></span
              >
            </button>
          </li>`,
        )}
      </ul>
      ${this._more ? html`<p class="soft small">${text(hass, "more_match")}</p>` : nothing}`;
  }

  private _typed(event: InputEvent): void {
    this._query = (event.target as HTMLInputElement).value;
    this._chosen = undefined;
    clearTimeout(this._typing);
    this._typing = setTimeout(() => void this._search(this._query), TYPING_MS);
  }

  private async _search(query: string): Promise<void> {
    if (!query.trim() || !this.hass) {
      this._found = undefined;
      return;
    }
    try {
      const answer = await this.hass.callWS<{ titles: Found[]; more: boolean }>({
        type: "oxicleanarr/titles/search",
        query,
        ...(this.config?.config_entry_id ? { config_entry_id: this.config.config_entry_id } : {}),
      });
      // What was typed meanwhile has an answer of its own.
      if (query !== this._query) return;
      this._found = answer.titles;
      this._more = answer.more;
    } catch (error) {
      this.wrong(error);
    }
  }

  static override styles = [
    ...Card.styles,
    css`
      .find {
        display: flex;
        align-items: center;
        gap: 8px;
        border: 1px solid var(--soft);
        border-radius: 28px;
        padding: 4px 14px;
        color: var(--soft);
      }
      .find:focus-within {
        outline: 2px solid var(--accent);
      }
      input {
        flex: 1;
        min-width: 0;
        min-height: 40px;
        border: 0;
        outline: none !important;
        background: transparent;
        color: var(--text);
        font-size: 16px;
      }
      input::placeholder {
        color: var(--soft);
        opacity: 1;
      }
      .hint {
        margin: 12px 4px 0;
      }
      ul {
        margin-top: 8px;
      }
      .hit {
        display: grid;
        grid-template-columns: 40px 1fr;
        gap: 12px;
        align-items: center;
        width: 100%;
        padding: 6px;
        border-radius: 8px;
      }
      .hit:hover {
        background: var(--accent-quiet);
      }
      .goes {
        color: var(--warn);
      }
      .back {
        display: flex;
        gap: 4px;
        align-items: center;
        margin: 8px 0;
        padding-inline-start: 4px;
        --mdc-icon-size: 18px;
      }
      :host(:dir(rtl)) .back ha-icon {
        transform: scaleX(-1);
      }
    `,
  ];
}
