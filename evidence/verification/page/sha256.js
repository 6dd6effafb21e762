// SHA-256 (FIPS 180-4) of bytes that come in pieces: Web Crypto hashes only what is in memory whole.

const K = new Int32Array(64);
const START = new Int32Array(8);

(function fill() {
  let found = 0;
  for (let number = 2; found < 64; number += 1) {
    let prime = true;
    for (let by = 2; by * by <= number; by += 1) if (number % by === 0) prime = false;
    if (!prime) continue;
    const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
    K[found] = fraction(Math.cbrt(number));
    if (found < 8) START[found] = fraction(Math.sqrt(number));
    found += 1;
  }
})();

/** What SHA-256 and SM3 have in common: bytes come in pieces, and blocks of 64 are worked in. */
export class Blocks {
  #state;
  #work;
  #words = new Int32Array(68);
  #held = new Uint8Array(64);
  #waiting = 0;
  #length = 0;

  /** `work(state, words, bytes, from, to)` works whole blocks into eight words of `start`. */
  constructor(start, work) {
    this.#state = Int32Array.from(start);
    this.#work = work;
  }

  update(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#waiting) {
      at = Math.min(64 - this.#waiting, bytes.length);
      this.#held.set(bytes.subarray(0, at), this.#waiting);
      this.#waiting += at;
      if (this.#waiting < 64) return this;
      this.#work(this.#state, this.#words, this.#held, 0, 64);
      this.#waiting = 0;
    }
    const end = at + ((bytes.length - at) & ~63);
    this.#work(this.#state, this.#words, bytes, at, end);
    this.#held.set(bytes.subarray(end));
    this.#waiting = bytes.length - end;
    return this;
  }

  digest() {
    const bits = this.#length * 8;
    const tail = new Uint8Array(this.#waiting < 56 ? 64 : 128);
    tail.set(this.#held.subarray(0, this.#waiting));
    tail[this.#waiting] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.#work(this.#state, this.#words, tail, 0, tail.length);
    const made = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, place) => made.setInt32(place * 4, word));
    return new Uint8Array(made.buffer);
  }
}

function blocks(s, w, bytes, from, to) {
  for (let at = from; at < to; at += 64) {
    for (let i = 0, p = at; i < 16; i += 1, p += 4) {
      w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15], y = w[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i += 1) {
      const e1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + e1 + (g ^ (e & (f ^ g))) + K[i] + w[i]) | 0;
      const a0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (a0 + ((a & b) | (c & (a | b)))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    s[0] = (s[0] + a) | 0; s[1] = (s[1] + b) | 0; s[2] = (s[2] + c) | 0; s[3] = (s[3] + d) | 0;
    s[4] = (s[4] + e) | 0; s[5] = (s[5] + f) | 0; s[6] = (s[6] + g) | 0; s[7] = (s[7] + h) | 0;
  }
}

export class Sha256 extends Blocks {
  constructor() {
    super(START, blocks);
  }
}

export const sha256 = (...parts) => parts.reduce((state, part) => state.update(part), new Sha256()).digest();
