// The log as tiles and bundles (C2SP tlog-tiles).  (As evidence/tiles.py.)

import { fold, rootOf } from "./merkle.js";
import { Fault } from "./verdict.js";

export const ENTRIES = -1;
export const WIDTH = 256;
const CACHED = 64;

const countAt = (level, size) => Math.floor(size / WIDTH ** Math.max(level, 0));

export function tilePath({ level, index, width }) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  const place = digits.map((three, at) => (at < digits.length - 1 ? `x${three}` : three)).join("/");
  const full = `tile/${level === ENTRIES ? "entries" : level}/${place}`;
  return width === WIDTH ? full : `${full}.p/${width}`;
}

/** Every tile and bundle of a log of `size` entries. */
export function* allTiles(size) {
  for (let level = ENTRIES; countAt(level, size) > 0; level += 1) {
    const count = countAt(level, size);
    for (let index = 0; index < Math.floor(count / WIDTH); index += 1) yield { level, index, width: WIDTH };
    if (count % WIDTH) yield { level, index: Math.floor(count / WIDTH), width: count % WIDTH };
  }
}

export class TileTree {
  #held = new Map();

  /** `read` gives the bytes at a path of the log, or null. */
  constructor(size, read) {
    this.size = size;
    this.read = read;
  }

  tile(level, index) {
    const width = Math.min(WIDTH, countAt(level, this.size) - index * WIDTH);
    if (index < 0 || width <= 0) throw new Fault(`a log of ${this.size} entries has no tile ${index} at level ${level}`, `日志没有第 ${level} 层第 ${index} 个瓦片`);
    return { level, index, width };
  }

  async parts(level, index) {
    const wanted = this.tile(level, index);
    const name = tilePath(wanted);
    if (!this.#held.has(name)) {
      const parts = await this.#fetch(wanted);
      if (this.#held.size >= CACHED) this.#held.delete(this.#held.keys().next().value);
      this.#held.set(name, parts);
    }
    return this.#held.get(name);
  }

  async #fetch(wanted) {
    const data = await this.read(tilePath(wanted));
    if (data === null) throw new Fault("is missing from the log", "日志中缺少该文件");
    return wanted.level === ENTRIES ? splitBundle(data, wanted.width) : splitHashes(data, wanted.width);
  }

  async subtree(level, index) {
    const [tileLevel, height] = [Math.floor(level / 8), level % 8];
    const first = index * 2 ** height;
    const hashes = await this.parts(tileLevel, Math.floor(first / WIDTH));
    return rootOf(hashes.slice(first % WIDTH, (first % WIDTH) + 2 ** height));
  }

  async root() {
    const peaks = [];
    for (let low = 0; low < this.size;) {
      const level = Math.floor(Math.log2(this.size - low));
      peaks.push(await this.subtree(level, low / 2 ** level));
      low += 2 ** level;
    }
    return fold(peaks);
  }
}

function splitBundle(data, width) {
  const entries = [];
  let at = 0;
  while (at < data.length) {
    const start = at + 2;
    at = start + data[start - 2] * 256 + (data[start - 1] ?? NaN);
    entries.push(data.subarray(start, at));
  }
  if (at !== data.length || entries.length !== width) throw new Fault(`is not a bundle of ${width} whole entries`, `不是由 ${width} 个完整条目组成`);
  return entries;
}

function splitHashes(data, width) {
  if (data.length !== width * 32) throw new Fault(`has ${data.length} bytes, not ${width} hashes`, `有 ${data.length} 字节，应为 ${width} 个哈希`);
  return Array.from({ length: width }, (_, place) => data.subarray(place * 32, place * 32 + 32));
}
