/**
 * Every sentence of the cards, by code; a plural has forms such as `_one` and `_other`.
 *
 * They are in the integration's translations, which Home Assistant loads. Until they are
 * there, nothing is said.
 */
import type { common } from "../../custom_components/oxicleanarr/translations/en.json";
import type { Hass } from "./types";

type Code = keyof typeof common extends infer K ? (K extends `card_${infer C}` ? C : never) : never;
/** The codes of plurals, without their form. */
export type Counted = Code extends infer K ? (K extends `${infer B}_other` ? B : never) : never;

export type Values = Record<string, string | number>;

/** Returns `hass` with the sentences, which are loaded once; the page gets one as well. */
export async function withTexts(hass: Hass): Promise<Hass> {
  return { ...hass, localize: await hass.loadBackendTranslation("common", "oxicleanarr") };
}

/** Returns `hass` where Home Assistant gives none: in the card picker and the forms of settings. */
export function hassOfPage(): Hass | undefined {
  return (document.querySelector("home-assistant") as { hass?: Hass } | null)?.hass;
}

/** Returns a sentence with its values filled in; an empty one: there is none. */
function find(hass: Hass | undefined, code: string, values: Values): string {
  return hass?.localize(`component.oxicleanarr.common.card_${code}`, values) ?? "";
}

/** Returns a sentence with its values filled in. */
export function text(hass: Hass | undefined, code: Code, values: Values = {}): string {
  return find(hass, code, values);
}

/** Returns a sentence for a number of things. */
export function counted(hass: Hass | undefined, code: Counted, count: number, values: Values = {}): string {
  const all = { count: number(hass, count), ...values };
  const form = new Intl.PluralRules(hass?.language).select(count);
  return find(hass, `${code}_${form}`, all) || find(hass, `${code}_other`, all);
}

/** Returns a number as people write it. */
export function number(hass: Hass | undefined, count: number): string {
  return new Intl.NumberFormat(language(hass)).format(count);
}

/** Returns the language for dates and numbers. */
export function language(hass: Hass | undefined): string {
  return hass?.locale?.language ?? hass?.language ?? "en";
}
