/** A modal dialog: the browser keeps the focus in it, and Escape closes it. */
import { html } from "lit/html.js";
import { changes, css, Drawn, type Properties } from "./element";
import { shared } from "./styles";

export class Dialog extends Drawn {
  static override properties: Properties = { heading: changes };

  declare heading: string;

  static override styles = [
    shared,
    css`
      dialog {
        width: min(560px, calc(100vw - 32px));
        max-height: min(85vh, 900px);
        border: 1px solid var(--line);
        border-radius: var(--ha-dialog-border-radius, 24px);
        padding: 24px;
        background: var(--ha-card-background, var(--card-background-color, #fff));
        color: var(--text);
        overflow: auto;
      }
      dialog::backdrop {
        background: rgba(0, 0, 0, 0.5);
      }
      h2 {
        margin-bottom: 8px;
        overflow-wrap: anywhere;
      }
      @media (max-width: 500px) {
        dialog {
          width: 100vw;
          max-width: 100vw;
          margin: auto 0 0;
          border-radius: 24px 24px 0 0;
        }
      }
    `,
  ];

  protected override firstDrawn(root: ShadowRoot): void {
    root.querySelector("dialog")?.showModal();
  }

  protected override render() {
    return html`<dialog aria-labelledby="heading" @close=${this._closed} @click=${this._clicked}>
      <h2 id="heading" tabindex="-1" autofocus>${this.heading}</h2>
      <slot></slot>
    </dialog>`;
  }

  private _closed(): void {
    this.dispatchEvent(new Event("closed"));
  }

  private _clicked(event: MouseEvent): void {
    const dialog = event.currentTarget as HTMLDialogElement;
    const box = dialog.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    // Keys "click" at 0, 0, which is not beside the dialog.
    if (event.target === dialog && event.detail && !inside) dialog.close();
  }
}
