/** Registers the cards and the dashboard with Home Assistant's frontend. */
import { Dialog } from "./dialog";
import { Why } from "./explanation";
import { Log } from "./log";
import { Poster } from "./poster";
import { Search } from "./search";
import { Stats } from "./stats";
import { Dashboard } from "./strategy";
import { hassOfPage, text, withTexts } from "./texts";
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

// For those who look at the card picker before they have any of the cards.
const hass = hassOfPage();
if (hass) void withTexts(hass).catch(() => undefined);

function list(listed: Listed[], one: Listed): void {
  if (!listed.some((other) => other.type === one.type)) listed.push(one);
}

const cards = (page.customCards ??= []);
for (const [type, name, description, more] of [
  [
    "leaving-soon",
    "leaving_soon",
    "wall_description",
    {
      getEntitySuggestion: (hass: Hass, entityId: string) =>
        suggests(hass, entityId)
          ? { config: { type: "custom:oxicleanarr-leaving-soon", ...Wall.getStubConfig() } }
          : null,
    },
  ],
  ["search", "search_name", "search_description", {}],
  ["log", "log", "log_description", {}],
  ["stats", "stats_name", "stats_description", {}],
] as const) {
  list(cards, {
    type: `oxicleanarr-${type}`,
    get name() {
      return `OxiCleanarr: ${text(hassOfPage(), name)}`;
    },
    get description() {
      return text(hassOfPage(), description);
    },
    preview: true,
    documentationURL: DOCUMENTATION,
    ...more,
  });
}
list((page.customStrategies ??= []), {
  type: "oxicleanarr",
  strategyType: "dashboard",
  name: "OxiCleanarr",
  get description() {
    return text(hassOfPage(), "dashboard_description");
  },
  documentationURL: DOCUMENTATION,
});
