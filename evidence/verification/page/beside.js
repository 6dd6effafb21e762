// In steps 7 and 8: digests that entries tell beside SHA-256.  One rule: one that is told is checked,
// or it is said that it was not; none is passed over.  (As beside.py.)

import { hex } from "./bytes.js";
import { sm3 } from "./sm3.js";
import { Fault, waits } from "./verdict.js";
import { DATA } from "./bag.js";

const KNOWN = new Set(["sha256", "sm3"]);
const MOST_NAMES = 5, LONGEST = 40;

/** One step's look at such digests. */
export class Beside {
  #unknown = new Set();
  #read = new Map();

  constructor(about) {
    this.about = about;
  }

  /** How the step ends: as `ending`, unless something was not checked. */
  ending(ending) {
    if (!this.#unknown.size || ending.outcome !== "passed") return ending;
    const names = [...this.#unknown].sort().slice(0, MOST_NAMES).map((name) => JSON.stringify(name.slice(0, LONGEST)).replace(/[^ -~]/g, "?")).join(", ");
    return waits(`digests beside SHA-256 were not checked: ${names} (not known here)`, `SHA-256 以外的摘要未检查：${names}（本页不认识）`);
  }

  /** The bytes of a manifest, whose SHA-256 is right. */
  seeManifest(path, bytes, told) {
    this.#note(told);
    if (told.sm3) mustBe(path, hex(sm3(bytes)), told.sm3);
  }

  /** An original, whose SHA-256 is right; `others` are digests that entries tell beside
   *  `archive.verified`: of what its station read, of what the archive read later. */
  async seeOriginal(clip, digests, others) {
    const told = new Map(Object.entries(digests));
    for (const [index, each] of others) {
      for (const [name, value] of Object.entries(each)) {
        if (!told.has(name)) told.set(name, value);
        if (told.get(name) !== value) throw new Fault(`entry ${index} tells ${name} ${value}, and another ${told.get(name)}`, `第 ${index} 项的 ${name} 为 ${value}，另一项为 ${told.get(name)}`);
      }
    }
    this.#note(Object.fromEntries(told));
    if (!told.get("sm3")) return;
    const { sha256, sm3: found } = await this.#digests(clip.original);
    if (sha256 !== digests.sha256) throw new Fault(`${clip.original} changed while it was verified`, `${clip.original} 在验证期间被更改`);
    mustBe(clip.original, found, told.get("sm3"));
  }

  #note(told) {
    for (const name of Object.keys(told)) if (!KNOWN.has(name)) this.#unknown.add(name);
  }

  /** Both digests of the same bytes, read once more: before, nobody knew that SM3 is told. */
  async #digests(path) {
    const { files, stop } = this.about;
    if (!this.#read.has(path)) this.#read.set(path, await files.measure(DATA + path, stop, true));
    return this.#read.get(path);
  }
}

function mustBe(path, found, told) {
  if (found !== told) throw new Fault(`${path} has SM3 ${found}; the log says ${told}`, `${path} 的 SM3 为 ${found}；日志记为 ${told}`);
}
