/** Sizes, dates and names as people say them, in the user's language. */
import { counted, language, text } from "./texts";
import type { Hass, Pending, Title } from "./types";

const UNITS = [
  ["terabyte", 1e12],
  ["gigabyte", 1e9],
  ["megabyte", 1e6],
] as const;

export function size(hass: Hass | undefined, bytes: number): string {
  const [unit, one] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
  return new Intl.NumberFormat(language(hass), {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: bytes / one >= 100 ? 0 : 1,
  }).format(bytes / one);
}

function zone(hass: Hass | undefined): string | undefined {
  return hass?.locale?.time_zone === "local" ? undefined : hass?.config.time_zone;
}

export function date(hass: Hass | undefined, moment: Date | string, options?: Intl.DateTimeFormatOptions): string {
  const at = new Date(moment);
  const thisYear = at.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(language(hass), {
    ...(options ?? { month: "long", day: "numeric", ...(thisYear ? {} : { year: "numeric" }) }),
    timeZone: zone(hass),
  }).format(at);
}

/** Returns the day of a moment as days since 1970, in the user's time zone. */
export function dayNumber(hass: Hass | undefined, moment: Date | string): number {
  const parts = new Intl.DateTimeFormat("en-CA", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZone: zone(hass),
  }).format(new Date(moment));
  return Math.round(Date.parse(`${parts}T00:00:00Z`) / 86_400_000);
}

/** Returns how long ago something was. */
export function ago(hass: Hass | undefined, moment: string): string {
  const format = new Intl.RelativeTimeFormat(language(hass), { numeric: "auto" });
  // Another clock may be a little ahead.
  const minutes = Math.min(0, (Date.parse(moment) - Date.now()) / 60_000);
  if (minutes > -1) return format.format(0, "second");
  if (Math.abs(minutes) < 60) return format.format(Math.round(minutes), "minute");
  const days = dayNumber(hass, moment) - dayNumber(hass, new Date());
  if (!days) return format.format(Math.round(minutes / 60), "hour");
  return Math.abs(days) < 60 ? format.format(days, "day") : format.format(Math.round(days / 30), "month");
}

export function list(hass: Hass | undefined, words: string[]): string {
  const named = words.slice(0, 3);
  if (words.length > 3) named.push(`+${words.length - 3}`);
  return new Intl.ListFormat(language(hass)).format(named);
}

const two = (number: number | null): string => String(number ?? "?").padStart(2, "0");

/** Returns what people call a title. */
export function name(title: Title): string {
  if (title.kind === "episode" && title.series) {
    return `${title.series} S${two(title.season)}E${two(title.episode)}`;
  }
  if (title.kind === "season" && title.series) return `${title.series}, ${title.title}`;
  return title.title;
}

/** Returns in how few words it can be said when a title leaves. */
export function when(hass: Hass | undefined, days: number, ready: boolean): string {
  if (ready) return text(hass, "ready");
  if (days <= 0) return text(hass, "today");
  return days === 1 ? text(hass, "tomorrow") : counted(hass, "in_days", days);
}

/** Returns who has watched a title. */
export function watched(hass: Hass | undefined, one: Pending): string {
  const parts: string[] = [];
  if (one.episodes.length) parts.push(counted(hass, "episodes", one.episodes.length));
  parts.push(one.watched_by.length ? text(hass, "watched_by", { users: list(hass, one.watched_by) }) : text(hass, "nobody"));
  return parts.join(" · ");
}

export function sizeOf(hass: Hass | undefined, one: { size_bytes: number | null }): string {
  return one.size_bytes === null ? text(hass, "size_unknown") : size(hass, one.size_bytes);
}

export function total(titles: { size_bytes: number | null }[]): number {
  return titles.reduce((sum, one) => sum + (one.size_bytes ?? 0), 0);
}
