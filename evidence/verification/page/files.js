// The files the reader chose, and hashing them without holding them.  One rule: a name is looked at
// before anything is opened by it.  (As files.py.)

import { hex, utf8 } from "./bytes.js";
import { Sha256 } from "./sha256.js";
import { Sm3 } from "./sm3.js";
import { Cancelled, Fault } from "./verdict.js";

export const SLICE = 4 * 1024 * 1024;
// A statement may be so long; the lists of the bag may be longer, and must still be one string.
const LARGEST = new Map([["data/statement.json", 256 << 20], ["manifest-sha256.txt", 480 << 20]]);
const LARGEST_READ = 64 * 1024 * 1024, LONGEST = 1024, DEEPEST = 32;

function wrong(name) {
  const parts = name.split("/");
  if (!name.isWellFormed() || name.includes("\ufffd")) return ["the name is not UTF-8", "名称不是 UTF-8"];
  if (!name || utf8(name).length > LONGEST || parts.length > DEEPEST) return ["the name is empty, too long or too deep", "名称为空、过长或层级过深"];
  if (parts.some((part) => ["", ".", ".."].includes(part))) return ["the name leads outside, or holds an empty part", "名称指向外部或含空部分"];
  if (/[\\:\p{C}\p{Zl}\p{Zp}]/u.test(name)) return ["the name holds a sign that no package uses", "名称含有不允许的字符"];
  return null;
}

export class Files {
  #files = new Map();
  #folded = new Map();
  refused = [];

  /** `found` are pairs of path and File. */
  constructor(found, heard = () => {}) {
    this.heard = heard;
    for (const [name, file] of inTopFolder(found)) {
      const folded = name.normalize("NFC").toLowerCase();
      const why = wrong(name) ?? (this.#folded.has(folded) ? ["differs from another name only in case or composition", "与另一名称仅大小写或写法不同"] : null);
      if (why) {
        this.refused.push([name, ...why]);
        continue;
      }
      this.#folded.set(folded, name);
      this.#files.set(name, file);
    }
  }

  get names() {
    return [...this.#files.keys()];
  }

  has(name) {
    return this.#files.has(name);
  }

  file(name) {
    return this.#files.get(name);
  }

  size(name) {
    return this.#files.get(name).size;
  }

  /** The file, whole; only for what is small by its nature. */
  async read(name, most = LARGEST.get(name) ?? LARGEST_READ) {
    const file = this.#files.get(name);
    if (!file) throw new Fault(`${name} is missing`, `缺少 ${name}`);
    if (file.size > most) throw new Fault(`${name} has more than ${most} bytes`, `${name} 超过 ${most} 字节`);
    return new Uint8Array(await file.arrayBuffer());
  }

  /** SHA-256 (hexadecimal) and size, with SM3 of the same bytes if `beside`, read by slices: memory
   *  holds one slice, however long the file. */
  async measure(name, stop, beside = false) {
    const file = this.#files.get(name);
    const [state, other] = [new Sha256(), beside ? new Sm3() : null];
    for (let at = 0; at < file.size; at += SLICE) {
      if (stop.aborted) throw new Cancelled();
      const piece = new Uint8Array(await file.slice(at, Math.min(at + SLICE, file.size)).arrayBuffer());
      state.update(piece);
      other?.update(piece);
      this.heard(piece.length);
    }
    return { sha256: hex(state.digest()), size: file.size, ...(other && { sm3: hex(other.digest()) }) };
  }

  /** The file in memory of the browser's own, made of the very slices that were hashed; throws
   *  unless their digest is `sha256`.  The file itself may change between a check and its use. */
  async copyOf(name, sha256, type) {
    const file = this.#files.get(name);
    const [state, pieces] = [new Sha256(), []];
    for (let at = 0; at < file.size; at += SLICE) {
      const piece = new Uint8Array(await file.slice(at, Math.min(at + SLICE, file.size)).arrayBuffer());
      state.update(piece);
      pieces.push(new Blob([piece]));
    }
    if (hex(state.digest()) !== sha256) throw new Fault("the file changed after it was checked", "文件在检查后被更改");
    return new Blob(pieces, { type });
  }
}

/** Without the folder that was chosen, and without one more if that is all it holds. */
function inTopFolder(found) {
  let names = found.map(([name, file]) => [name.replace(/^[^/]*\//, ""), file]);
  const tops = new Set(names.map(([name]) => name.split("/")[0]));
  if (tops.size === 1 && !names.some(([name]) => name === "bagit.txt") && names.every(([name]) => name.includes("/"))) {
    names = names.map(([name, file]) => [name.replace(/^[^/]*\//, ""), file]);
  }
  return names;
}
