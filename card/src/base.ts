/** What all cards are: they know their household, and let actions be called. */
import { html, type TemplateResult } from "lit/html.js";
import { changes, Drawn, type Properties } from "./element";
import { type Household, householdOf } from "./household";
import { hassOfPage, text, withTexts } from "./texts";
import { colors, shared } from "./styles";
import type { CardConfig, Hass, Plan } from "./types";

export const VIEWS = ["grid", "list", "timeline"] as const;

/** Sentences and figures change with these; all else of `hass` changes all the time. */
const looksDifferent = (one: Hass | undefined, other: Hass | undefined): boolean =>
  one?.connection !== other?.connection ||
  one?.language !== other?.language ||
  one?.locale !== other?.locale ||
  one?.localize !== other?.localize ||
  one?.themes?.darkMode !== other?.themes?.darkMode;

export abstract class Part extends Drawn {
  static override properties: Properties = {
    hass: looksDifferent,
  };

  declare hass: Hass | undefined;

  /** Says something at the edge of the screen. */
  protected toast(message: string): void {
    this.dispatchEvent(new CustomEvent("hass-notification", { detail: { message }, bubbles: true, composed: true }));
  }

  /** Says what went wrong. */
  protected wrong(error: unknown): void {
    const message = (error as { message?: string })?.message ?? String(error);
    this.toast(text(this.hass, "failed", { error: message }));
  }

  /** Calls an action; `undefined`: it failed, and that was said. */
  protected async act<T>(plan: Plan, action: string, data: object): Promise<T | undefined> {
    try {
      const answer = await this.hass!.callService<T>(
        "oxicleanarr",
        action,
        { config_entry_id: plan.config_entry_id, ...data },
        undefined,
        false,
        true,
      );
      return answer.response;
    } catch (error) {
      this.wrong(error);
      return undefined;
    }
  }
}

export abstract class Card extends Part {
  static override styles = [colors, shared];
  static override properties: Properties = {
    ...Part.properties,
    config: changes,
    plan: changes,
    error: changes,
  };

  declare config: CardConfig | undefined;
  declare plan: Plan | undefined;
  declare error: string | undefined;
  protected household?: Household;
  private _leave?: () => void;
  private _clock?: ReturnType<typeof setInterval>;

  setConfig(config: CardConfig): void {
    for (const key of ["days", "postpone_days", "limit"] as const) {
      const value = config[key];
      if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= 3650)) {
        throw new Error(`${key} must be a whole number from 0 to 3650`);
      }
    }
    if (config.view && !VIEWS.includes(config.view)) {
      throw new Error("view must be grid, list or timeline");
    }
    this.config = config;
    if (this.isConnected) this._joinHousehold();
  }

  getCardSize(): number {
    return 6;
  }

  getGridOptions(): object {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this._joinHousehold();
    // A day ends without anybody telling.
    this._clock = setInterval(() => this.redraw(), 300_000);
  }

  disconnectedCallback(): void {
    clearInterval(this._clock);
    this._leave?.();
    this._leave = undefined;
    this.household = undefined;
  }

  protected override beforeDrawing(changed: ReadonlySet<string>): void {
    this.toggleAttribute("dark", Boolean(this.hass?.themes?.darkMode));
    // A new `hass` comes as soon as they are there.
    if (changed.has("hass") && this.hass) void withTexts(this.hass).catch(() => undefined);
    if (changed.has("hass") || changed.has("config")) this._joinHousehold();
  }

  /** Returns a dialog, and calls back when it has been closed. */
  protected dialog(heading: string, closed: () => void, content: unknown): TemplateResult {
    return html`<oxicleanarr-dialog .heading=${heading} @closed=${closed}>${content}</oxicleanarr-dialog>`;
  }

  /** Is told when there is a new plan. */
  protected heard(): void {}

  private _joinHousehold(): void {
    if (!this.isConnected || !this.hass || !this.config) return;
    const household = householdOf(this.hass, this.config.config_entry_id);
    if (household === this.household) return;
    this._leave?.();
    this.household = household;
    const take = (): void => {
      const { pending } = this.plan ?? {};
      this.plan = household.plan;
      this.error = household.error;
      // Progress comes with the titles as they were.
      if (this.plan?.pending && this.plan.pending !== pending) this.heard();
    };
    this._leave = household.join(take);
    take();
  }
}

const NUMBERS: Record<string, [number, number]> = { days: [0, 365], postpone_days: [1, 365], limit: [1, 100] };

/** Returns the form of a card's settings: its title, fields of its own, and its household. */
export function settings(...names: string[]): object {
  return {
    schema: [
      { name: "title", selector: { text: {} } },
      ...names.map((name) => {
        const [min, max] = NUMBERS[name] ?? [];
        return {
          name,
          selector: NUMBERS[name]
            ? { number: { min, max, mode: "box" } }
            : {
                select: {
                  mode: "dropdown",
                  options: VIEWS.map((value) => ({ value, label: text(hassOfPage(), `view_${value}`) })),
                },
              },
        };
      }),
      { name: "config_entry_id", selector: { config_entry: { integration: "oxicleanarr" } } },
    ],
    computeLabel: (field: { name: string }) => text(hassOfPage(), `label_${field.name}` as never),
  };
}
