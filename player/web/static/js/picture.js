// Which picture is on screen, and the time at which another one is.
// Rule: a frame is named only after the browser reported the time of the picture it showed.

export class Picture {
  #media;
  #named;
  #seek;
  #frames = null;
  #frame = -1; // the one on screen, or -1
  #wanted = null; // the frame a step is on its way to
  #then = null; // the time to go on to, once the picture nearest to it is shown

  /** *named(n)* hears the number of every picture shown, -1 if it is not known; *seek(time)* goes there. */
  constructor(media, { named, seek }) {
    this.#media = media;
    this.#named = named;
    this.#seek = seek;
    this.#follow();
    media.addEventListener("seeked", () => this.#arrived());
  }

  /** Takes the *frames* (see frames.js) of what is played. */
  use(frames) {
    if (frames.count) this.#frames = frames;
  }

  /** The number of the last frame. */
  get last() {
    return this.#frames.count - 1;
  }

  /** Goes to the middle of the frame on screen at *time*, so that it is the picture shown. */
  go(time) {
    this.#wanted = this.#then = null;
    if (!this.#frames) return this.#seek(time);
    // Where there is sound alone browsers leave any old picture on screen: it must be the nearest.
    if (!this.#frames.has(time)) this.#then = time;
    this.#seek(this.#frames.middle(this.#frames.showing(time)));
  }

  /** Goes *by* frames further, counted from the one shown or on its way. */
  step(by) {
    if (!this.#frames) return;
    const shown = this.#frame >= 0 ? this.#frame : this.#frames.showing(this.#media.currentTime);
    this.#wanted = Math.min(this.last, Math.max(0, (this.#wanted ?? shown) + by));
    this.#then = null;
    this.#seek(this.#frames.middle(this.#wanted));
  }

  #arrived() {
    if (this.#then === null) return;
    const time = this.#then;
    this.#then = null;
    this.#seek(time);
  }

  /** Reads back every picture the browser puts on screen (requestVideoFrameCallback). */
  #follow() {
    this.#media.requestVideoFrameCallback?.((_, { mediaTime }) => {
      if (this.#frames) this.#shown(this.#frames.at(mediaTime));
      this.#follow();
    });
  }

  #shown(frame) {
    this.#frame = frame;
    if (frame === this.#wanted) this.#wanted = null;
    this.#named(frame);
  }
}
