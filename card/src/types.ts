/** What the integration and Home Assistant's frontend give us. */

export interface Title {
  item_id: string;
  key: string;
  kind: "movie" | "series" | "season" | "episode";
  title: string;
  year: number | null;
  series: string | null;
  season: number | null;
  episode: number | null;
}

export interface Pending extends Title {
  size_bytes: number | null;
  watched: boolean;
  watched_by: string[];
  last_watched_at: string | null;
  rule: string;
  rule_type: string;
  reason: string;
  reason_code: string;
  due_at: string;
  episodes: string[];
  poster: string | null;
  approval?: null | "pending" | "waiting" | "approved";
  approved_until?: string | null;
}

export interface Found extends Title {
  due_at: string | null;
  poster: string | null;
}

export interface Progress {
  work: "library" | "users" | "history" | "deletion";
  done: number;
  total: number | null;
  title: string | null;
}

export interface Blocker {
  code: string;
  reason: string;
}

export interface Plan {
  config_entry_id: string;
  title: string;
  admin: boolean;
  synced_at: string | null;
  progress: Progress | null;
  blocked_by: Blocker[];
  evaluated_at?: string;
  dry_run?: boolean;
  counts?: Record<string, number>;
  reclaimable_bytes?: number;
  pending?: Pending[];
}

export interface Step {
  rule: string;
  type: string;
  matched: boolean;
  outcome: "keep" | "delete" | null;
  because: string | null;
}

export interface Explanation {
  item: Title & { library: string | null };
  verdict: {
    outcome: "keep" | "delete";
    rule: string;
    rule_type: string;
    reason: string | null;
    reason_code: string | null;
    due_at: string | null;
    would_change: string | null;
  };
  trace: Step[];
}

export interface Deletion extends Title {
  size_bytes: number | null;
  rule: string;
  reason: string;
  intended_at: string;
  finished_at: string | null;
  outcome: "intended" | "deleted" | "unconfirmed" | "failed";
  error: string | null;
  deleted_by: string[];
  recycle_bin: string | null;
  recoverable_until: string | null;
  deletion_id?: number | string;
  bring_back?: "possible" | "under_way" | "done" | "impossible";
  bring_back_reason?: string | null;
}

export interface Statistics {
  reclaimed_bytes: number;
  weeks: { begins_on: string; bytes: number; files: number }[];
  libraries: { name: string; watched_share: number | null }[];
  synced_at: string | null;
  next_deletion: string | null;
  due: number;
  dry_run: boolean;
  automatic_deletion: boolean;
}

export interface Connection {
  subscribeMessage<T>(
    heard: (message: T) => void,
    message: object,
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  addEventListener(event: string, heard: () => void): void;
  removeEventListener(event: string, heard: () => void): void;
}

export interface RegistryEntity {
  entity_id: string;
  platform?: string;
  translation_key?: string;
  device_id?: string;
  hidden?: boolean;
}

export interface Hass {
  connection: Connection;
  language: string;
  themes?: { darkMode: boolean };
  locale?: { language: string; time_zone?: string };
  config: { time_zone: string };
  entities: Record<string, RegistryEntity>;
  states: Record<string, { state: string; attributes: Record<string, unknown> }>;
  user?: { is_admin: boolean };
  callWS<T>(message: object): Promise<T>;
  callService<T>(
    domain: string,
    service: string,
    data: object,
    target: undefined,
    notifyOnError: boolean,
    returnResponse: boolean,
  ): Promise<{ response: T }>;
  hassUrl(path: string): string;
  localize(key: string, values?: Record<string, string | number>): string;
  loadBackendTranslation(category: string, integration: string): Promise<Hass["localize"]>;
}

export interface CardConfig {
  type: string;
  title?: string;
  config_entry_id?: string;
  view?: "grid" | "list" | "timeline";
  days?: number;
  postpone_days?: number;
  limit?: number;
}
