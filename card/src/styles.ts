/** What all cards share in looks. */
import { css } from "./element";

/** Of a card, and of all in it: every color is a pair of the theme that can be read. */
export const colors = css`
  :host {
    --accent: var(--ha-color-primary-30, #006787);
    --accent-quiet: var(--ha-color-primary-95, #eff9fe);
    --loud: var(--ha-color-primary-30, #006787);
    --on-loud: #fff;
    --warn: var(--ha-color-orange-40, #9d3800);
    --warn-quiet: var(--ha-color-orange-95, #fff0e4);
    --danger: var(--ha-color-red-40, #b30532);
    --danger-quiet: var(--ha-color-red-95, #fff0ef);
    --ok: var(--ha-color-green-40, #036730);
    --ok-quiet: var(--ha-color-green-95, #e3f9e3);
    --soft: var(--secondary-text-color, #5e5e5e);
    --text: var(--primary-text-color, #141414);
    --line: var(--divider-color, #0000001f);
    color-scheme: light;
  }
  :host([dark]) {
    --accent: var(--ha-color-primary-70, #7bd4fb);
    --accent-quiet: var(--ha-color-primary-10, #002e3e);
    --warn: var(--ha-color-orange-80, #ffbb89);
    --warn-quiet: var(--ha-color-orange-10, #3b0f00);
    --danger: var(--ha-color-red-80, #ffb8b6);
    --danger-quiet: var(--ha-color-red-10, #3e0913);
    --ok: var(--ha-color-green-80, #93da98);
    --ok-quiet: var(--ha-color-green-10, #052310);
    color-scheme: dark;
  }
`;

export const shared = css`
  :host {
    display: block;
    color: var(--text);
    font-size: 14px;
    line-height: 20px;
  }
  * {
    box-sizing: border-box;
  }
  ha-card {
    padding: 16px;
    container-type: inline-size;
    height: 100%;
  }
  h2 {
    font-size: 20px;
    line-height: 28px;
    font-weight: 500;
    margin: 0;
    flex: 1 1 auto;
  }
  h3 {
    font-size: 16px;
    line-height: 24px;
    font-weight: 500;
    margin: 0;
  }
  p {
    margin: 0;
  }
  ul,
  ol {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .soft {
    color: var(--soft);
  }
  .small {
    font-size: 12px;
    line-height: 16px;
  }
  .chip {
    border-radius: 16px;
    padding: 4px 10px;
    font-size: 12px;
    line-height: 16px;
    font-weight: 500;
    background: var(--accent-quiet);
    color: var(--accent);
  }
  .chip.warn {
    background: var(--warn-quiet);
    color: var(--warn);
  }
  .note {
    border-radius: 10px;
    padding: 10px 12px;
    background: var(--accent-quiet);
    color: var(--accent);
    margin-top: 12px;
  }
  .note.warn {
    background: var(--warn-quiet);
    color: var(--warn);
  }
  .note.ok {
    background: var(--ok-quiet);
    color: var(--ok);
    font-weight: 500;
  }
  .note a {
    color: inherit;
    font-weight: 500;
  }
  .note strong {
    font-weight: 500;
  }
  button,
  input,
  a {
    font: inherit;
  }
  button {
    border: 0;
    background: transparent;
    color: inherit;
    cursor: pointer;
    padding: 0;
    text-align: start;
  }
  :is(button, a, input, summary):focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .b {
    border-radius: 20px;
    padding: 8px 16px;
    min-height: 40px;
    font-weight: 500;
    color: var(--accent);
    text-align: center;
  }
  .b:hover {
    background: var(--accent-quiet);
  }
  .b.fill {
    background: var(--loud);
    color: var(--on-loud);
  }
  .b.danger {
    color: var(--danger);
  }
  .b.danger:hover {
    background: var(--danger-quiet);
  }
  .b.danger.fill {
    background: var(--ha-color-red-40, #b30532);
    color: #fff;
  }
  .b[disabled] {
    opacity: 0.5;
    cursor: default;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .date {
    min-height: 40px;
    border: 1px solid var(--soft);
    border-radius: 8px;
    padding: 4px 8px;
    background: transparent;
    color: var(--text);
  }
  .end {
    justify-content: end;
    margin-top: 16px;
  }
  .empty {
    display: grid;
    justify-items: center;
    gap: 4px;
    padding: 32px 16px;
    text-align: center;
    color: var(--soft);
  }
  .empty ha-icon {
    --mdc-icon-size: 40px;
    color: var(--soft);
  }
  /* What has no translation is read from left to right on such a page, too. */
  :host(:dir(rtl)) :is(p, h2, h3, .bar b, .chip, .badge) {
    unicode-bidi: plaintext;
    text-align: right;
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  progress {
    appearance: none;
    width: 100%;
    height: 6px;
    border: 0;
    border-radius: 3px;
    overflow: hidden;
    background: var(--line);
    display: block;
    margin-top: 6px;
  }
  progress::-webkit-progress-bar {
    background: var(--line);
  }
  progress::-webkit-progress-value {
    background: var(--accent);
  }
  progress::-moz-progress-bar {
    background: var(--accent);
  }
`;
