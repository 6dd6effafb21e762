// Leave to watch.  Rule: the archive writes a view entry for every leave, also for a renewed one.

import { showAct } from "./timeline.js";

const EARLY = 5_000; // renew this many milliseconds before the end
const LARGEST = 2 ** 27; // bytes of an object that is read whole
const EXPIRED = new Set([403, 404]);

/** The archive or the player said no; *status* is the HTTP status, 0 when nobody answered. */
export class NoLeave extends Error {
  constructor(status) {
    super(`no leave to watch: ${status}`);
    this.status = status;
  }
}

export class Leave {
  #clip;
  #token;
  #folder = "";
  #ends = 0;
  #asking = null;
  objects = [];

  /** *clip*: the address of the clip's page. */
  constructor(clip, token) {
    this.#clip = clip;
    this.#token = token;
  }

  has(name) {
    return this.objects.includes(name);
  }

  /**
   * Bytes of the object *name*, or of a range of it (*end* exclusive), under a leave good now.
   * Of an answer that is longer one byte more is read, which tells that it is, and the rest is not.
   */
  async bytes(name, { offset, end, signal } = {}) {
    const headers = end === undefined ? {} : { Range: `bytes=${offset}-${end - 1}` };
    let answer = await this.#get(name, headers, signal);
    if (EXPIRED.has(answer.status)) {
      await this.renew();
      answer = await this.#get(name, headers, signal);
    }
    if (!answer.ok) throw new NoLeave(answer.status);
    try {
      return await begun(answer.body, end === undefined ? LARGEST : end - offset + 1);
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new NoLeave(0);
    }
  }

  async #get(name, headers, signal) {
    if (performance.now() > this.#ends - EARLY) await this.renew();
    return reached(fetch(this.#folder + name, { headers, signal }));
  }

  /** Asks for a new leave; calls made meanwhile share the answer. */
  renew() {
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    const given = await this.tell("views");
    this.#folder = given.folder;
    this.#ends = performance.now() + given.expires_in_ms;
    this.objects = given.objects;
    if (given.act) showAct(given.act);
  }

  /** The entries of the log that lead to the rendition, with their proofs. */
  async proofs() {
    const headers = { Accept: "application/json" };
    return answered(await reached(fetch(`${this.#clip}/provenance`, { headers })));
  }

  /** POST *message* to *what* of the clip; the answer. */
  async tell(what, message) {
    const headers = { Accept: "application/json", "X-Evidock-Form": this.#token };
    const body = message && JSON.stringify(message);
    return answered(await reached(fetch(`${this.#clip}/${what}`, { method: "POST", headers, body })));
  }
}

/** The first bytes of *body*, at most *most*: no answer can fill the memory. */
async function begun(body, most) {
  const reader = body.getReader();
  const blocks = [];
  let size = 0;
  while (size < most) {
    const { done, value } = await reader.read();
    if (done) break;
    blocks.push(value);
    size += value.length;
  }
  if (size >= most) await reader.cancel();
  return new Uint8Array(await new Blob(blocks).slice(0, most).arrayBuffer());
}

async function reached(asking) {
  try {
    return await asking;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NoLeave(0);
  }
}

function answered(answer) {
  if (!answer.ok) throw new NoLeave(answer.status);
  return answer.json();
}
