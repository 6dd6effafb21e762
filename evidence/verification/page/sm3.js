// SM3 (GB/T 32905-2016) of bytes that come in pieces: browsers have none.

import { Blocks } from "./sha256.js";

const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
const T = Int32Array.from({ length: 64 }, (_, i) => turned(i < 16 ? 0x79cc4519 : 0x7a879d8a, i & 31));

function turned(word, by) {
  return (word << by) | (word >>> (32 - by));
}

function blocks(s, w, bytes, from, to) {
  for (let at = from; at < to; at += 64) {
    for (let i = 0, p = at; i < 16; i += 1, p += 4) {
      w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
    }
    for (let i = 16; i < 68; i += 1) {
      const x = w[i - 16] ^ w[i - 9] ^ turned(w[i - 3], 15);
      w[i] = x ^ turned(x, 15) ^ turned(x, 23) ^ turned(w[i - 13], 7) ^ w[i - 6];
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; i += 1) {
      const a12 = turned(a, 12);
      const one = turned((a12 + e + T[i]) | 0, 7);
      const ff = i < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = i < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const x = (ff + d + (one ^ a12) + (w[i] ^ w[i + 4])) | 0;
      const y = (gg + h + one + w[i]) | 0;
      d = c; c = turned(b, 9); b = a; a = x;
      h = g; g = turned(f, 19); f = e; e = y ^ turned(y, 9) ^ turned(y, 17);
    }
    s[0] ^= a; s[1] ^= b; s[2] ^= c; s[3] ^= d;
    s[4] ^= e; s[5] ^= f; s[6] ^= g; s[7] ^= h;
  }
}

export class Sm3 extends Blocks {
  constructor() {
    super(START, blocks);
  }
}

export const sm3 = (...parts) => parts.reduce((state, part) => state.update(part), new Sm3()).digest();
