// The frame table of a rendition (frames.json): when each picture is shown.
// Rule: a frame number is shown only after the browser reported the time of the picture it showed.

export class FrameTable {
  #seconds;
  #end;

  constructor(table) {
    let at = table.first;
    const ticks = table.count > 0 ? [at] : [];
    for (const [step, times] of table.steps) {
      for (let n = 0; n < times; n += 1) ticks.push((at += step));
    }
    this.#seconds = ticks.map((tick) => tick / table.timescale);
    this.#end = table.end / table.timescale;
  }

  get count() {
    return this.#seconds.length;
  }

  /** Number (from 0) of the frame shown from *time* on; -1 if no frame begins there. */
  at(time) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#seconds[middle] + this.#until(middle)) / 2 < time) low = middle + 1;
      else high = middle;
    }
    const tolerance = Math.min(0.002, (this.#until(low) - this.#seconds[low]) / 4);
    return Math.abs(this.#seconds[low] - time) <= tolerance ? low : -1;
  }

  /** Number of the frame that is on screen at *time*. */
  showing(time) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#seconds[middle] <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Whether a picture begins before *time* and still lasts; sound may begin earlier and last longer. */
  has(time) {
    return this.count > 0 && this.#seconds[0] <= time && time < this.#end;
  }

  /** The middle of frame *n*'s time: the one place where a seek cannot land beside it. */
  middle(n) {
    return (this.#seconds[n] + this.#until(n)) / 2;
  }

  #until(n) {
    return n + 1 < this.count ? this.#seconds[n + 1] : Math.max(this.#end, this.#seconds[n] + 0.001);
  }
}
