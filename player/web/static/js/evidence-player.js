// <evidence-player>: brings the controls that the page already holds to life.
// Rule: it shows what the browser reports, never what it hopes for.

import { clock } from "./clock.js";
import { FrameTable } from "./frames.js";
import { Keys } from "./keys.js";
import { Leave } from "./leave.js";
import { Peek } from "./peek.js";
import { attach, playable, wordFor } from "./source.js";

class EvidencePlayer extends HTMLElement {
  #words;
  #leave;
  #media;
  #frames = null;
  #shownTime = -1; // of the picture on screen, as the browser reports it
  #frame = -1; // which one that is, or -1
  #wanted = null; // the frame a step is on its way to

  connectedCallback() {
    this.#words = JSON.parse(this.dataset.words);
    this.#leave = new Leave(this.dataset.views, this.dataset.token);
    this.#media = this.querySelector(".media");
    this.#open().catch((error) => this.#fail(wordFor(error)));
  }

  async #open() {
    const image = this.dataset.kind === "image";
    if (!image && !playable()) return this.#fail("no_mse");
    if (!image) this.#wire();
    await this.#leave.renew();
    if (image) return this.#showPicture();
    this.#media.addEventListener("loadeddata", () => this.#ready(), { once: true });
    this.#follow();
    await attach(this.#media, this.#leave, (word) => this.#fail(word));
    await this.#loadTables();
  }

  async #showPicture() {
    this.#media.addEventListener("load", () => this.#say(null));
    this.#media.addEventListener("error", () => this.#fail("broken"));
    this.#media.src = await this.#leave.address("picture.jpg");
  }

  async #loadTables() {
    if (this.#leave.has("frames.json") && this.dataset.kind !== "audio") {
      this.#frames = new FrameTable(await this.#document("frames.json"));
    }
    if (this.#leave.has("tiles.json") && this.#leave.has("tiles.jpg")) {
      const sheet = await this.#document("tiles.json");
      this.#peek.use(sheet, await this.#leave.address("tiles.jpg"));
    }
    this.#showFrame();
  }

  async #document(name) {
    const answer = await fetch(await this.#leave.address(name));
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  }

  // --- what the reader sees

  #say(text, bad = false) {
    const message = this.querySelector(".message");
    message.textContent = text ?? "";
    message.hidden = text === null;
    message.classList.toggle("bad", bad);
  }

  #fail(word) {
    this.#media.pause?.();
    this.dataset.failed = word;
    for (const control of this.querySelectorAll("[data-act]:not([data-act=help]), input, select")) {
      if (!control.closest("dialog")) control.disabled = true;
    }
    this.#say(this.#words[word], true);
  }

  #ready() {
    if (this.#pictureMissing()) return;
    for (const control of this.querySelectorAll("button, input, select")) control.disabled = false;
    this.#position.max = Math.round(this.#media.duration * 1000);
    this.#say(null);
    this.#moved();
  }

  /** Some browsers play the sound of coding they cannot show, without any error. */
  #pictureMissing() {
    const missing = this.#media instanceof HTMLVideoElement && this.#media.videoWidth === 0;
    if (missing) this.#fail("no_picture");
    return missing;
  }

  #moved() {
    const { currentTime, duration } = this.#media;
    this.querySelector(".time").value = clock(currentTime);
    if (!this.#position.matches(":active")) this.#position.value = Math.round(currentTime * 1000);
    const told = this.#words.position.replace("{time}", clock(currentTime));
    this.#position.setAttribute("aria-valuetext", told.replace("{total}", clock(duration || 0)));
  }

  /** Reads back every picture the browser puts on screen (requestVideoFrameCallback). */
  #follow() {
    if (!this.#media.requestVideoFrameCallback) return;
    this.#media.requestVideoFrameCallback((_, shown) => {
      this.#shownTime = shown.mediaTime;
      this.#showFrame();
      this.#follow();
    });
  }

  #showFrame() {
    const place = this.querySelector(".frame");
    if (!place || !this.#frames) return;
    this.#frame = this.#frames.at(this.#shownTime);
    if (this.#frame === this.#wanted) this.#wanted = null;
    const known = this.#frame >= 0 ? this.#frame : "–";
    place.value = this.#words.frame.replace("{n}", known).replace("{last}", this.#frames.count - 1);
  }

  // --- what the reader does

  #wire() {
    this.#position = this.querySelector(".position");
    this.#peek = new Peek(this.querySelector(".peek"));
    const acts = this.#acts();
    for (const button of this.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => acts[button.dataset.act]());
    }
    new Keys(this.#keys(acts), this.querySelector(".keys-on"));
    this.#wireMedia();
    this.#wireSeekBar();
    const speed = this.querySelector(".speed");
    speed.addEventListener("change", () => { this.#media.playbackRate = Number(speed.value); });
    const volume = this.querySelector(".volume");
    volume.addEventListener("input", () => { this.#media.volume = Number(volume.value); });
  }

  #position;
  #peek;

  #acts() {
    return {
      play: () => (this.#media.paused ? this.#play() : this.#media.pause()),
      mute: () => { this.#media.muted = !this.#media.muted; },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen()),
      help: () => this.querySelector("dialog").showModal(),
      "frame-back": () => this.#step(-1),
      "frame-on": () => this.#step(1),
    };
  }

  #keys(acts) {
    const able = (act) => () => { if (!this.#position.disabled) act(); };
    const louder = (by) => able(() => {
      this.#media.volume = Math.min(1, Math.max(0, this.#media.volume + by));
    });
    const skip = (by) => able(() => this.#goTo(this.#media.currentTime + by));
    return {
      " ": able(acts.play), k: able(acts.play), m: able(acts.mute), f: able(acts.full),
      ",": able(acts["frame-back"]), ".": able(acts["frame-on"]), "?": acts.help,
      j: skip(-10), l: skip(10), ArrowLeft: skip(-5), ArrowRight: skip(5),
      ArrowUp: louder(0.1), ArrowDown: louder(-0.1),
    };
  }

  #wireMedia() {
    const media = this.#media;
    const playing = () => this.classList.toggle("playing", !media.paused);
    for (const name of ["play", "pause", "ended"]) media.addEventListener(name, playing);
    media.addEventListener("playing", () => this.#pictureMissing());
    for (const name of ["timeupdate", "seeked"]) media.addEventListener(name, () => this.#moved());
    media.addEventListener("volumechange", () => {
      this.querySelector("[data-act=mute]").setAttribute("aria-pressed", String(media.muted));
      this.querySelector(".volume").value = media.volume;
    });
    media.addEventListener("click", () => { if (!this.#position.disabled) this.#acts().play(); });
  }

  #wireSeekBar() {
    const bar = this.#position;
    bar.addEventListener("input", () => this.#goTo(Number(bar.value) / 1000));
    bar.addEventListener("pointerleave", () => this.#peek.hide());
    bar.addEventListener("pointermove", (event) => {
      const { left, width } = bar.getBoundingClientRect();
      const ratio = Math.min(1, Math.max(0, (event.clientX - left) / width));
      this.#peek.show(ratio * (Number(bar.max) / 1000), ratio);
    });
  }

  async #play() {
    try {
      await this.#media.play();
    } catch (error) {
      if (error.name !== "AbortError") this.#fail("broken");
    }
  }

  #goTo(seconds) {
    this.#wanted = null;
    const end = this.#media.duration || 0;
    const time = Math.min(end, Math.max(0, seconds));
    // A frame's middle, so that the picture shown is the one the bar points at.
    this.#media.currentTime = this.#frames?.count
      ? Math.min(end, this.#frames.middle(this.#frames.showing(time)))
      : time;
    this.#moved();
  }

  /** One frame on or back, counted from the frame that is shown, or that is on its way. */
  #step(by) {
    if (!this.#frames?.count) return;
    this.#media.pause();
    const from = this.#wanted ?? (this.#frame >= 0 ? this.#frame : this.#frames.showing(this.#media.currentTime));
    this.#wanted = Math.min(this.#frames.count - 1, Math.max(0, from + by));
    this.#media.currentTime = this.#frames.middle(this.#wanted);
  }
}

customElements.define("evidence-player", EvidencePlayer);
