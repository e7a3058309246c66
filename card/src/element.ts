/**
 * An element that draws itself anew when its properties change: Lit's templates without
 * Lit's base class, which is half of Lit's size and does much that nothing here needs.
 */
import { render } from "lit/html.js";

/** Styles, as they are written down. */
export const css = String.raw;

const sheets = new Map<string, CSSStyleSheet>();

function sheet(styles: string): CSSStyleSheet {
  let one = sheets.get(styles);
  if (!one) {
    one = new CSSStyleSheet();
    one.replaceSync(styles);
    sheets.set(styles, one);
  }
  return one;
}

export type Properties = Record<string, Differs>;

type Differs = (now: never, before: never) => boolean;

/** What says whether a property has changed, if nothing else does. */
export const changes: Differs = (now, before) => now !== before;

export abstract class Drawn extends HTMLElement {
  /** By the name of a property, what says whether another value looks different. */
  static properties: Properties = {};
  static styles: string[] = [];

  private readonly _root = this.attachShadow({ mode: "open" });
  private _changed = new Set<string>();
  private _queued = false;
  private _drawn = false;

  constructor() {
    super();
    const { properties, styles } = this.constructor as typeof Drawn;
    this._root.adoptedStyleSheets = styles.map(sheet);
    for (const [name, differs] of Object.entries(properties)) {
      let value: unknown;
      Object.defineProperty(this, name, {
        get: () => value,
        set: (now: unknown) => {
          const before = value;
          value = now;
          if (differs(now as never, before as never)) this.redraw(name);
        },
      });
    }
  }

  connectedCallback(): void {
    this.redraw();
  }

  /** Draws soon; all that changes until then is drawn at once. */
  redraw(name = ""): void {
    this._changed.add(name);
    if (this._queued || !this.isConnected) return;
    this._queued = true;
    queueMicrotask(() => this._draw());
  }

  /** Is called before it is drawn, with the names of what has changed. */
  protected beforeDrawing(_changed: ReadonlySet<string>): void {}

  /** Is called once, after it has been drawn for the first time. */
  protected firstDrawn(_root: ShadowRoot): void {}

  protected abstract render(): unknown;

  private _draw(): void {
    const changed = this._changed;
    this._changed = new Set();
    this.beforeDrawing(changed);
    this._queued = false;
    render(this.render(), this._root, { host: this });
    if (!this._drawn) this.firstDrawn(this._root);
    this._drawn = true;
  }
}
