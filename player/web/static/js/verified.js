// A rendition whose every byte is checked before anything sees it.
// Rule: no byte leaves this module that has not the SHA-256 that the signed log names for it.

import { hex, leafHash, rootOf, sha256, utf8 } from "./hashing.js";
import { FalseProof } from "./receipt.js";

const MANIFEST = "segments.json";
const DIGEST = /^[0-9a-f]{64}$/;

/** Bytes that are not those on record: which, and both digests. */
export class Refused extends Error {
  constructor(told) {
    super(`${told.object}: bytes ${told.offset} to ${told.offset + told.length - 1} were refused`);
    this.told = told;
  }
}

export class VerifiedMedia {
  #leave;
  #derived;
  #ranges = new Map(); // offset -> segment
  #good = new Set(); // offsets
  #timescale = 1;
  media = "media.mp4";
  checked = () => {};

  /** *derived*: the fields of the proven ``derive`` entry. */
  constructor(leave, derived) {
    this.#leave = leave;
    this.#derived = derived;
  }

  /** Reads the segment manifest; FalseProof unless it is the one whose root is on record. */
  async open() {
    const told = JSON.parse(new TextDecoder().decode(await this.object(MANIFEST)));
    const segments = [told.init, ...told.segments];
    let at = 0;
    for (const segment of segments) {
      const whole = segment.offset === at && Number.isSafeInteger(segment.length) && segment.length > 0;
      if (!whole || !DIGEST.test(segment.sha256)) throw new FalseProof("the segments leave bytes out");
      at += segment.length;
    }
    const hashes = await Promise.all(segments.map((segment) => leafHash(utf8(leaf(segment)))));
    if (hex(await rootOf(hashes)) !== this.#derived.segment_root) {
      throw new FalseProof("the segments have another root than the log names");
    }
    this.media = told.media;
    this.#timescale = told.timescale;
    for (const segment of segments) this.#ranges.set(segment.offset, segment);
  }

  has(name) {
    return this.#leave.has(name) && name in this.#derived.objects;
  }

  /** The SHA-256 that the log names for the object *name*. */
  digest(name) {
    return this.#derived.objects[name]?.sha256;
  }

  get segments() {
    return [...this.#ranges.values()];
  }

  get total() {
    return this.#ranges.size;
  }

  get good() {
    return this.#good.size;
  }

  /** A small object, whole; Refused if it is another than the log names. */
  async object(name) {
    const expected = this.digest(name);
    if (!expected) throw new FalseProof(`the log names no ${name}`);
    const bytes = await this.#leave.bytes(name);
    await judge(bytes, { object: name, offset: 0, length: bytes.length, expected });
    return bytes;
  }

  async document(name) {
    return JSON.parse(new TextDecoder().decode(await this.object(name)));
  }

  /** An address of a verified picture that only this page can use. */
  async picture(name) {
    return URL.createObjectURL(new Blob([await this.object(name)], { type: "image/jpeg" }));
  }

  /** Bytes *offset* to *end* (exclusive) of the media, which must be one segment exactly. */
  async segment(offset, end, signal) {
    const segment = this.#ranges.get(offset);
    if (segment?.length !== end - offset) throw new FalseProof("the playlist cuts other segments");
    const bytes = await this.#leave.bytes(this.media, { offset, end, signal });
    await judge(bytes, {
      object: this.media, offset, length: segment.length, expected: segment.sha256,
    });
    this.#good.add(offset);
    this.checked(segment);
    return bytes;
  }

  /** Seconds at which the segment at *offset* begins and ends; the init part has none. */
  times(offset) {
    const segment = this.#ranges.get(offset);
    if (segment?.start === undefined) return null;
    return [segment.start, segment.start + segment.duration].map((tick) => tick / this.#timescale);
  }
}

/** The canonical JSON (RFC 8785) that the tree's leaf is made of. */
const leaf = ({ length, offset, sha256: digest }) =>
  `{"length":${length},"offset":${offset},"sha256":"${digest}"}`;

async function judge(bytes, told) {
  const found = hex(await sha256(bytes));
  if (found !== told.expected || bytes.length !== told.length) {
    throw new Refused({ ...told, received: bytes.length, found });
  }
}
