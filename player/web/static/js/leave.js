// Leave to watch.  Rule: the archive writes a view entry for every leave, also for a renewed one.

import { showAct } from "./timeline.js";

const EARLY = 5_000; // renew this many milliseconds before the end

/** The archive or the player said no; *status* is the HTTP status, 0 when nobody answered. */
export class NoLeave extends Error {
  constructor(status) {
    super(`no leave to watch: ${status}`);
    this.status = status;
  }
}

export class Leave {
  #views;
  #token;
  #folder = "";
  #ends = 0;
  #asking = null;
  objects = [];

  constructor(views, token) {
    this.#views = views;
    this.#token = token;
  }

  has(name) {
    return this.objects.includes(name);
  }

  /** Address of the object *name*, under a leave that is good now. */
  async address(name) {
    if (performance.now() > this.#ends - EARLY) await this.renew();
    return this.#folder + name;
  }

  /** Asks for a new leave; calls made meanwhile share the answer. */
  renew() {
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    const headers = { Accept: "application/json", "X-Evidock-Form": this.#token };
    const answer = await fetch(this.#views, { method: "POST", headers }).catch(() => null);
    if (!answer?.ok) throw new NoLeave(answer?.status ?? 0);
    const given = await answer.json();
    this.#folder = given.folder;
    this.#ends = performance.now() + given.expires_in_ms;
    this.objects = given.objects;
    if (given.act) showAct(given.act);
  }
}
