/** Registers the cards and the dashboard with Home Assistant's frontend. */
import { Dialog } from "./dialog";
import { Why } from "./explanation";
import { Log } from "./log";
import { Poster } from "./poster";
import { Search } from "./search";
import { Stats } from "./stats";
import { Dashboard } from "./strategy";
import { text } from "./texts";
import type { Hass } from "./types";
import { suggests, Wall } from "./wall";

// The build puts in where the manifest says that the repository is.
const DOCUMENTATION = "{documentation}/blob/main/docs/card.md";

interface Listed {
  type: string;
  [key: string]: unknown;
}

const page = window as unknown as { customCards?: Listed[]; customStrategies?: Listed[] };

const elements: [string, CustomElementConstructor][] = [
  ["oxicleanarr-dialog", Dialog],
  ["oxicleanarr-poster", Poster],
  ["oxicleanarr-why", Why],
  ["oxicleanarr-leaving-soon", Wall],
  ["oxicleanarr-search", Search],
  ["oxicleanarr-log", Log],
  ["oxicleanarr-stats", Stats],
  ["ll-strategy-dashboard-oxicleanarr", Dashboard],
];
for (const [tag, element] of elements) if (!customElements.get(tag)) customElements.define(tag, element);

function list(listed: Listed[], one: Listed): void {
  if (!listed.some((other) => other.type === one.type)) listed.push(one);
}

const cards = (page.customCards ??= []);
list(cards, {
  type: "oxicleanarr-leaving-soon",
  name: `OxiCleanarr: ${text(undefined, "leaving_soon")}`,
  description: text(undefined, "wall_description"),
  preview: true,
  documentationURL: DOCUMENTATION,
  getEntitySuggestion: (hass: Hass, entityId: string) =>
    suggests(hass, entityId) ? { config: { type: "custom:oxicleanarr-leaving-soon", ...Wall.getStubConfig() } } : null,
});
for (const [type, name, description] of [
  ["search", "search_name", "search_description"],
  ["log", "log", "log_description"],
  ["stats", "stats_name", "stats_description"],
] as const) {
  list(cards, {
    type: `oxicleanarr-${type}`,
    name: `OxiCleanarr: ${text(undefined, name)}`,
    description: text(undefined, description),
    preview: true,
    documentationURL: DOCUMENTATION,
  });
}
list((page.customStrategies ??= []), {
  type: "oxicleanarr",
  strategyType: "dashboard",
  name: text(undefined, "dashboard_name"),
  description: text(undefined, "dashboard_description"),
  documentationURL: DOCUMENTATION,
});
