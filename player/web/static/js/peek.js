// Pictures above the seek bar, from the rendition's tile sheet.

import { clock } from "./clock.js";

export class Peek {
  #box;
  #tile;
  #time;
  #sheet = null;

  constructor(box) {
    this.#box = box;
    this.#tile = box.querySelector(".tile");
    this.#time = box.querySelector("output");
  }

  /** Takes *sheet* (tiles.json) whose picture lies at *address*. */
  use(sheet, address) {
    this.#sheet = sheet;
    const style = this.#tile.style;
    style.width = `${sheet.width}px`;
    style.height = `${sheet.height}px`;
    style.backgroundImage = `url("${address}")`;
  }

  /** Shows the last tile at or before *seconds*, at *ratio* of the bar's width. */
  show(seconds, ratio) {
    this.#time.value = clock(seconds);
    if (this.#sheet) {
      const tick = seconds * this.#sheet.timescale;
      const later = this.#sheet.pts.findIndex((pts) => pts > tick);
      const n = Math.max(0, (later < 0 ? this.#sheet.pts.length : later) - 1);
      const x = (n % this.#sheet.columns) * this.#sheet.width;
      const y = Math.floor(n / this.#sheet.columns) * this.#sheet.height;
      this.#tile.style.backgroundPosition = `-${x}px -${y}px`;
    }
    this.#box.style.left = `${Math.min(95, Math.max(5, ratio * 100))}%`;
    this.#box.hidden = false;
  }

  hide() {
    this.#box.hidden = true;
  }
}
