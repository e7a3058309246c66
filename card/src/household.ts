/** One household: one subscription to its plan, which all cards of a page share. */
import type { Connection, Hass, Plan, Progress } from "./types";

const RETRY_SECONDS = [1, 2, 5, 10, 30];
const RENEW_AFTER = 60_000;

type Heard = { plan?: Plan; progress?: Progress | null };

export class Household {
  plan?: Plan;
  /** Why there is no plan: the code of the error. */
  error?: string;
  private readonly _cards = new Set<() => void>();
  private readonly _posters = new Map<string, string>();
  private _unsubscribe?: Promise<(() => Promise<void>) | undefined>;
  private _retry?: ReturnType<typeof setTimeout>;
  private _tries = 0;
  private _renewed = 0;
  /** Whether the signatures of the posters are no longer good. */
  private _void = false;

  constructor(
    private readonly connection: Connection,
    private readonly entry: string | undefined,
    private readonly language: string,
  ) {}

  /** Tells a card of all that is new until it leaves. */
  join(card: () => void): () => void {
    this._cards.add(card);
    if (this._cards.size === 1) {
      this.connection.addEventListener("ready", this._again);
      this._subscribe();
    }
    return () => {
      this._cards.delete(card);
      if (this._cards.size) return;
      this.connection.removeEventListener("ready", this._again);
      this._end();
    };
  }

  /** Returns the address of a poster: the first that was signed, so that it is loaded once. */
  poster(path: string | null): string | null {
    if (!path) return null;
    const name = path.replace(/[?&]authSig=[^&]*/, "");
    const known = this._posters.get(name);
    if (known) return known;
    this._posters.set(name, path);
    return path;
  }

  /** Asks for new signatures: those of yesterday, and of before a restart, are void. */
  renew(): void {
    if (Date.now() - this._renewed < RENEW_AFTER) return;
    this._renewed = Date.now();
    this._again();
  }

  private readonly _again = (): void => {
    this._void = true;
    this._end();
    this._subscribe();
  };

  private _end(): void {
    clearTimeout(this._retry);
    // A subscription of a connection that is gone cannot be ended, and need not be.
    void this._unsubscribe?.then((unsubscribe) => unsubscribe?.()).catch(() => undefined);
    this._unsubscribe = undefined;
  }

  private _subscribe(): void {
    const mine = this.connection
      .subscribeMessage<Heard>(
        (heard) => {
          if (this._unsubscribe === mine) this._hear(heard);
        },
        {
          type: "oxicleanarr/plan/subscribe",
          ...(this.entry ? { config_entry_id: this.entry } : {}),
          language: this.language,
        },
        { resubscribe: false },
      )
      .then((unsubscribe) => {
        this._tries = 0;
        return unsubscribe;
      })
      .catch((error: { code?: string }) => {
        if (this._unsubscribe !== mine) return undefined;
        this.error = error?.code ?? "unknown";
        this._tell();
        const seconds = RETRY_SECONDS[Math.min(this._tries++, RETRY_SECONDS.length - 1)] ?? 30;
        this._retry = setTimeout(() => this._subscribe(), seconds * 1000);
        return undefined;
      });
    this._unsubscribe = mine;
  }

  private _hear(heard: Heard): void {
    if (heard.plan) {
      // Not sooner: what is still shown would be signed with the old ones again.
      if (this._void && heard.plan.pending) {
        this._posters.clear();
        this._void = false;
      }
      // After a restart it takes a moment until there is a plan; the last one stands.
      this.plan = heard.plan.pending ? heard.plan : { ...this.plan, ...heard.plan };
      this.error = undefined;
    } else if (this.plan && heard.progress !== undefined) {
      this.plan = { ...this.plan, progress: heard.progress };
    }
    this._tell();
  }

  private _tell(): void {
    for (const card of this._cards) card();
  }
}

const households = new WeakMap<Connection, Map<string, Household>>();

/** Returns the household of an entry, in the user's language; without an entry, the only one there is. */
export function householdOf(hass: Hass, entry: string | undefined): Household {
  let known = households.get(hass.connection);
  if (!known) households.set(hass.connection, (known = new Map()));
  const key = `${entry ?? ""} ${hass.language}`;
  let one = known.get(key);
  if (!one) known.set(key, (one = new Household(hass.connection, entry, hass.language)));
  return one;
}
