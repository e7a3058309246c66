/** A whole dashboard from what there is: what leaves, search, calendar, log, rules. */
import { text, withTexts } from "./texts";
import type { Hass, RegistryEntity } from "./types";

interface StrategyConfig {
  config_entry_id?: string;
}

const ORDER = [
  "deletion_blocked",
  "dry_run",
  "automatic_deletion",
  "pending_deletions",
  "leaving_soon",
  "due",
  "reclaimable_space",
  "next_deletion",
];

export class Dashboard extends HTMLElement {
  static registryDependencies = ["entities"];

  static getCreateSuggestions(): object {
    return { title: "OxiCleanarr", icon: "mdi:movie-off-outline" };
  }

  static async generate(config: StrategyConfig, before: Hass): Promise<object> {
    const hass = await withTexts(before);
    const ours = Object.values(hass.entities).filter((one) => one.platform === "oxicleanarr" && !one.hidden);
    const find = (domain: string, key: string): RegistryEntity | undefined =>
      ours.find((one) => one.translation_key === key && one.entity_id.startsWith(`${domain}.`));
    const entry = config.config_entry_id ? { config_entry_id: config.config_entry_id } : {};
    const wide = { grid_options: { columns: "full" } };
    const card = (type: string, options: object = {}): object => ({ type: `custom:oxicleanarr-${type}`, ...entry, ...options });
    const heading = (code: "status" | "switches" | "rules"): object => ({ type: "heading", heading: text(hass, code) });
    const tile = (entity: RegistryEntity): object => ({
      type: "tile",
      entity: entity.entity_id,
      // Whose it is goes without saying on this page.
      ...(entity.translation_key === "rule" ? {} : { name: { type: "entity" } }),
    });
    const status = ORDER.map((key) => ours.find((one) => one.translation_key === key)).filter(
      (one): one is RegistryEntity => one !== undefined && !one.entity_id.startsWith("switch."),
    );
    const switches = ["dry_run", "automatic_deletion"].flatMap((key) => find("switch", key) ?? []);
    const rules = ours.filter(
      (one) => one.entity_id.startsWith("switch.") && !switches.includes(one) && one.translation_key === "rule",
    );
    const calendar = find("calendar", "deletions");
    const todos = ours.filter((one) => one.entity_id.startsWith("todo."));
    const sections = (title: string, path: string, icon: string, columns: number, ...grids: object[][]): object => ({
      title,
      path,
      icon,
      type: "sections",
      max_columns: columns,
      sections: grids.filter((cards) => cards.length).map((cards, number) => ({
        type: "grid",
        cards,
        ...(number === 0 && columns === 3 ? { column_span: 2 } : {}),
      })),
    });
    return {
      views: [
        sections(
          text(hass, "view_overview"),
          "leaving-soon",
          "mdi:movie-off-outline",
          3,
          [card("search", wide), card("leaving-soon", wide)],
          [
            ...(status.length ? [heading("status"), ...status.map(tile)] : []),
            ...(switches.length ? [heading("switches"), ...switches.map(tile)] : []),
          ],
        ),
        sections(
          text(hass, "view_plan"),
          "calendar",
          "mdi:calendar-month",
          2,
          calendar ? [{ type: "calendar", entities: [calendar.entity_id], initial_view: "listWeek", ...wide }] : [],
          todos.map((one) => ({ type: "todo-list", entity: one.entity_id, hide_create: true, ...wide })),
        ),
        sections(
          text(hass, "view_history"),
          "history",
          "mdi:trash-can-outline",
          2,
          [card("log", { limit: 15, ...wide })],
          [card("stats", wide)],
        ),
        sections(text(hass, "view_rules"), "rules", "mdi:clipboard-list-outline", 2, [
          heading("rules"),
          ...(rules.length ? rules.map(tile) : [{ type: "markdown", content: text(hass, "no_rules"), ...wide }]),
        ]),
      ],
    };
  }
}
