/** A poster that is loaded once somebody can see it; its place never changes in size. */
import { html, nothing } from "lit/html.js";
import { changes, css, Drawn, type Properties } from "./element";
import type { Household } from "./household";

const seen = new WeakMap<Element, () => void>();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      seen.get(target)?.();
    }
  },
  { rootMargin: "150px" },
);

export class Poster extends Drawn {
  static override properties: Properties = {
    path: changes,
    name: changes,
    household: changes,
    _visible: changes,
    _broken: changes,
  };

  declare path: string | null;
  declare name: string;
  declare household: Household | undefined;
  declare _visible: boolean;
  declare _broken: string | undefined;

  static override styles = [css`
    :host {
      display: flex;
      position: relative;
      aspect-ratio: 2 / 3;
      border-radius: 10px;
      overflow: hidden;
      align-items: flex-end;
      background: linear-gradient(160deg, #33434d, #16202a);
      color: #fff;
      contain: strict;
    }
    span {
      padding: 12px;
      font-weight: 500;
      font-size: 16px;
      line-height: 20px;
      overflow-wrap: anywhere;
    }
    :host([small]) span {
      display: none;
    }
    :host([small]) {
      border-radius: 6px;
    }
    img {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
  `];

  override connectedCallback(): void {
    super.connectedCallback();
    seen.set(this, () => (this._visible = true));
    if (!this._visible) observer.observe(this);
  }

  disconnectedCallback(): void {
    observer.unobserve(this);
  }

  protected override render() {
    const path = this.household?.poster(this.path) ?? null;
    return html`<span aria-hidden="true">${this.name}</span>${
      this._visible && path && this._broken !== path
        ? html`<img src=${path} alt="" decoding="async" @error=${() => this._failed(path)} />`
        : nothing
    }`;
  }

  private _failed(path: string): void {
    this._broken = path;
    this.household?.renew();
  }
}
