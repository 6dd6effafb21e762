// <evidence-player>: brings the controls that the page already holds to life.
// Rule: it shows what the browser reports, never what it hopes for.

import { follow, KeyChanged, NotProvenYet, trust } from "./chain.js";
import { clock } from "./clock.js";
import { FrameTable } from "./frames.js";
import { GoTo } from "./go-to.js";
import { usable } from "./hashing.js";
import { Holes } from "./holes.js";
import { Keys } from "./keys.js";
import { Label } from "./label.js";
import { Leave, NoLeave } from "./leave.js";
import { Panel } from "./panel.js";
import { Peek } from "./peek.js";
import { Picture } from "./picture.js";
import { NoSignatures } from "./receipt.js";
import { attach, playable, wordFor } from "./source.js";
import { Refused, VerifiedMedia } from "./verified.js";

class EvidencePlayer extends HTMLElement {
  #words;
  #leave;
  #media;
  #verified = null;
  #panel;
  #label;
  #holes;
  #picture = null;
  #end = () => {}; // no more is fetched after that
  #asked = true; // whether the reader asked for the seek under way; hls.js jumps over gaps by itself
  #before = 0; // where playback was

  connectedCallback() {
    this.#words = JSON.parse(this.dataset.words);
    this.#leave = new Leave(`/clips/${this.dataset.clip}`, this.dataset.token);
    this.#media = this.querySelector(".media");
    this.#panel = new Panel(this.querySelector(".verify"), this.#words);
    this.#label = new Label(document.querySelector(".label"), this.#words);
    this.#holes = new Holes({
      words: this.#words, leave: this.#leave,
      marks: this.querySelector(".refused-marks"), list: this.querySelector(".refusals"),
    });
    this.#open().catch((error) => this.#stop(error));
  }

  async #open() {
    const image = this.dataset.kind === "image";
    this.#wire(image);
    if (!usable()) return this.#fail("needs_tls");
    if (!image && !playable()) return this.#fail("no_mse");
    await this.#leave.renew();
    const links = await follow(await this.#leave.proofs(), this.dataset);
    this.#panel.show(links);
    this.#label.prove(links);
    this.#verified = new VerifiedMedia(this.#leave, links.derived.fields);
    if (image) return this.#showPicture(links);
    await this.#verified.open();
    this.#panel.read(links);
    this.#verified.checked = (segment) => this.#count(segment);
    this.#media.addEventListener("loadeddata", () => this.#ready(), { once: true });
    await this.#loadFrames();
    this.#end = attach(this.#media, this.#verified, {
      failed: (word, error) => (error ? this.#stop(error) : this.#fail(word)),
      refused: (error) => this.#refused(error),
    });
    await this.#loadTiles();
  }

  /** What stopped the player, in words; what was refused is put on record too. */
  #stop(error) {
    if (error instanceof NotProvenYet) return this.#fail("not_proven");
    if (error instanceof NoSignatures) return this.#fail("no_signatures");
    if (error instanceof KeyChanged) return this.#keyChanged(error);
    if (error instanceof Refused) this.#holes.add(error.told, null, 0);
    const word = wordFor(error);
    this.#fail(word, word === "false_proof" || word === "broken" ? error.message : "");
    if (!["false_proof", "refused_file"].includes(word)) return;
    this.#panel.fail("manifest", this.#words[word]);
    this.#label.withdraw();
  }

  #keyChanged({ before, now }) {
    this.#fail("key_changed", `${before} → ${now}`);
    const accept = this.querySelector("[data-act=trust]");
    accept.hidden = false;
    accept.addEventListener("click", () => { trust(now); location.reload(); });
  }

  #refused({ told }) {
    this.#holes.add(told, this.#verified.times(told.offset), this.#media.duration || this.#length);
    this.#panel.segment(
      { ...told, sha256: told.found }, this.#verified.good, this.#verified.total, true,
    );
  }

  get #length() {
    return Math.max(...this.#verified.segments.map(({ offset }) => this.#verified.times(offset)?.[1] ?? 0));
  }

  #count(segment) {
    this.#panel.segment(segment, this.#verified.good, this.#verified.total, false);
  }

  async #showPicture(links) {
    this.#media.addEventListener("load", () => this.#say(null));
    this.#media.addEventListener("error", () => this.#fail("broken"));
    const bytes = await this.#verified.object("picture.jpg");
    const sha256 = this.#verified.digest("picture.jpg");
    this.#panel.read(links);
    this.#panel.segment({ offset: 0, length: bytes.length, sha256 }, 1, 1, false);
    this.#media.src = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  }

  async #loadFrames() {
    if (this.#verified.has("frames.json") && this.dataset.kind !== "audio") {
      this.#goto.frames = new FrameTable(await this.#verified.document("frames.json"));
      this.#picture.use(this.#goto.frames);
    }
  }

  async #loadTiles() {
    if (this.#verified.has("tiles.json") && this.#verified.has("tiles.jpg")) {
      const sheet = await this.#verified.document("tiles.json");
      this.#peek.use(sheet, await this.#verified.picture("tiles.jpg"));
    }
  }

  // --- what the reader sees

  #say(text, { bad = false, detail = "" } = {}) {
    const message = this.querySelector(".message");
    message.querySelector(".said").textContent = text ?? "";
    message.querySelector(".detail").textContent = detail;
    message.hidden = text === null;
    message.classList.toggle("bad", bad);
  }

  #fail(word, detail = "") {
    if (this.dataset.failed) return; // the first thing that went wrong is the one to read
    this.#media.pause?.();
    this.dataset.failed = word;
    this.#end();
    for (const control of this.querySelectorAll(".seek input, .controls [data-act], .controls input, .controls select")) {
      if (!["help", "verify"].includes(control.dataset.act)) control.disabled = true;
    }
    this.#say(this.#words[word], { bad: true, detail });
  }

  #ready() {
    if (this.dataset.failed || this.#pictureMissing()) return;
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
    if (this.dataset.failed) return;
    const { currentTime, duration } = this.#media;
    if (!this.#media.paused) this.#holdAtHole(currentTime);
    this.querySelector(".time").value = clock(currentTime);
    if (!this.#position.matches(":active")) this.#position.value = Math.round(currentTime * 1000);
    const told = this.#words.position.replace("{time}", clock(currentTime));
    this.#position.setAttribute("aria-valuetext", told.replace("{total}", clock(duration || 0)));
  }

  /** Playback stops before what was refused; hls.js would run over it without a word. */
  #holdAtHole(time) {
    const end = this.#holes.endAt(time);
    if (end === null) return;
    this.#media.pause();
    this.#offerBeyond(end);
  }

  #offerBeyond(end) {
    this.#say(this.#words["refused.here"], { bad: true });
    const beyond = this.querySelector("[data-act=beyond]");
    beyond.hidden = end >= this.#media.duration - 0.01;
    beyond.onclick = () => {
      beyond.hidden = true;
      this.#say(null);
      this.#goTo(end + 0.001);
    };
  }

  /** A seek that nobody asked for is hls.js jumping a gap: say so, and wait for the reader. */
  #seeking() {
    const to = this.#media.currentTime;
    const end = this.#holes.between(Math.min(this.#before, to), Math.max(this.#before, to));
    if (!this.#asked && end !== null) {
      this.#media.pause();
      this.#offerBeyond(end);
    }
    this.#asked = false;
  }

  #name(frame) {
    this.dataset.frame = frame;
    this.querySelector(".frame").value = this.#words.frame
      .replace("{n}", frame >= 0 ? frame : "–").replace("{last}", this.#picture.last);
  }

  // --- what the reader does

  #wire(image) {
    const acts = this.#acts();
    for (const button of this.querySelectorAll("[data-act]")) {
      const act = acts[button.dataset.act];
      if (act) button.addEventListener("click", () => act());
    }
    this.querySelector("[data-act=verify]").disabled = false;
    if (image) return; // no single keys: the switch for them is in the help of what plays
    new Keys(this.#keys(acts), this.querySelector(".keys-on"));
    this.#position = this.querySelector(".position");
    this.#picture = new Picture(this.#media, {
      named: (frame) => this.#name(frame),
      seek: (time) => this.#seek(time),
    });
    this.#peek = new Peek(this.querySelector(".peek"));
    this.#goto = new GoTo(this.querySelector("dialog.go-to"), (time) => this.#goTo(time));
    this.#wireMedia();
    this.#wireSeekBar();
    const speed = this.querySelector(".speed");
    speed.addEventListener("change", () => { this.#media.playbackRate = Number(speed.value); });
    const volume = this.querySelector(".volume");
    volume.addEventListener("input", () => { this.#media.volume = Number(volume.value); });
  }

  #position;
  #peek;
  #goto;

  #acts() {
    return {
      play: () => (this.#media.paused ? this.#play() : this.#media.pause()),
      mute: () => { this.#media.muted = !this.#media.muted; },
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen()),
      help: () => this.querySelector("dialog.help").showModal(),
      verify: () => this.#panel.toggle(this.querySelector("[data-act=verify]")),
      whole: () => this.#checkAll(),
      "go-to": () => this.#goto.ask(),
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
      v: acts.verify, g: able(acts["go-to"]),
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
    media.addEventListener("seeking", () => this.#seeking());
    media.addEventListener("timeupdate", () => { if (!media.seeking) this.#before = media.currentTime; });
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

  /** Every segment that was not needed yet, one after another. */
  async #checkAll() {
    const button = this.querySelector("[data-act=whole]");
    button.disabled = true;
    try {
      for (const { offset, length } of this.#verified.segments) {
        await this.#verified.segment(offset, offset + length).catch((error) => {
          if (!(error instanceof Refused)) throw error;
          this.#refused(error);
        });
      }
    } catch (error) {
      if (!(error instanceof NoLeave)) return this.#stop(error);
      this.#say(this.#words.whole_stopped, { bad: true }); // what plays goes on as long as it can
    } finally {
      button.disabled = false;
    }
  }

  async #play() {
    const beyond = this.#holes.endAt(this.#media.currentTime);
    if (beyond !== null) return this.#offerBeyond(beyond);
    try {
      await this.#media.play();
    } catch (error) {
      if (error.name !== "AbortError") this.#fail("broken");
    }
  }

  #goTo(seconds) {
    if (!this.dataset.failed) this.#say(null);
    this.querySelector("[data-act=beyond]").hidden = true;
    this.#picture.go(Math.min(this.#media.duration || 0, Math.max(0, seconds)));
  }

  #step(by) {
    this.#media.pause();
    this.#picture.step(by);
  }

  #seek(time) {
    this.#asked = true;
    this.#media.currentTime = Math.min(time, this.#media.duration || 0);
    this.#moved();
  }
}

customElements.define("evidence-player", EvidencePlayer);
