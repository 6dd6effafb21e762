// Going to a frame or a time that the reader types: what dragging does, for those who cannot drag.

const TIME = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/;
const FRAME = /^#?(\d+)$/;

export class GoTo {
  #dialog;
  #go;
  frames = null;

  /** *go(seconds)* is called with the middle of the frame that was asked for. */
  constructor(dialog, go) {
    this.#dialog = dialog;
    this.#go = go;
    dialog.querySelector("form").addEventListener("submit", (event) => this.#answered(event));
    dialog.querySelector("input").addEventListener("input", (event) => event.target.setCustomValidity(""));
  }

  ask() {
    this.#dialog.showModal();
    this.#dialog.querySelector("input").select();
  }

  #answered(event) {
    if (event.submitter?.value === "cancel") return;
    const field = this.#dialog.querySelector("input");
    const seconds = this.#seconds(field.value.trim());
    if (seconds === null) {
      event.preventDefault();
      field.setCustomValidity(field.dataset.wrong);
      field.reportValidity();
      return;
    }
    this.#go(seconds);
  }

  /** "#250" and "250" are frames; "4:10" and "4.2" are times. */
  #seconds(text) {
    const frame = FRAME.exec(text);
    if (frame) {
      const n = Number(frame[1]);
      return this.frames && n < this.frames.count ? this.frames.middle(n) : null;
    }
    const time = TIME.exec(text);
    return time ? Number(time[1] ?? 0) * 3600 + Number(time[2] ?? 0) * 60 + Number(time[3]) : null;
  }
}
