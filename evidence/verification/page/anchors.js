// In step 4 of a whole log: anchors are over the entries as they are.  One rule: the entries' bytes
// are hashed anew, by the anchors' own hashes, and no tile is asked.  (As anchors.py, anchoring.py.)

import { base64, hex, joined, utf8 } from "./bytes.js";
import { leafHash, nodeHash } from "./merkle.js";
import { sm3 } from "./sm3.js";
import { WIDTH } from "./tiles.js";
import { Cancelled, Fault, done, waits } from "./verdict.js";

const HASHES = new Map([
  ["sha512", async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-512", joined(...parts)))],
  ["sm3", async (...parts) => sm3(...parts)],
]);
const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];
const NAME = /^[a-z0-9-]{1,20}$/, DIGEST = /^([0-9a-f]{2}){32,64}$/;

/** One tree over entries that pass by: the roots of its full subtrees, the largest first. */
class Peaks {
  #peaks = [];
  #size = 0;

  constructor(leaf, node) {
    this.leaf = leaf;
    this.node = node;
  }

  /** `leaves` are promised in any order, and worked in in that of the log. */
  async add(entries) {
    for (const leaf of await Promise.all(entries.map((entry) => this.leaf(entry)))) {
      this.#peaks.push(leaf);
      for (let full = this.#size; full % 2; full = Math.floor(full / 2)) {
        const right = this.#peaks.pop();
        this.#peaks.push(await this.node(this.#peaks.pop(), right));
      }
      this.#size += 1;
    }
  }

  async root() {
    let reached = this.#peaks.at(-1);
    for (const left of this.#peaks.slice(0, -1).reverse()) reached = await this.node(left, reached);
    return reached;
  }
}

/** How step 4 ends of the log whose entries `bundle` gives, once they were looked at. */
export async function checkAnchors(about, bundle, step) {
  const [anchors, before] = [[], step.findings.length];
  for (const index of about.proven.ofKind("log.anchor")) {
    await step.about(`entry ${index}`, async () => anchors.push([index, read(await about.proven.fields(index), index)]));
  }
  if (!anchors.length) return done();
  const ends = [...new Set(anchors.map(([, { size }]) => size))].sort((a, b) => a - b);
  const found = new Map();
  await step.about("anchors", () => rootsAt(about, bundle, ends, found));
  const unknown = new Set();
  for (const [index, said] of anchors) {
    for (const name of Object.keys(said.roots)) {
      if (!HASHES.has(name)) unknown.add(name);
      else if (found.has(said.size)) await step.about(`entry ${index}`, () => mustAgree(said, name, found.get(said.size)[name]));
    }
  }
  const names = [...unknown].sort().join(", ");
  if (names) return waits(`roots of anchors were not checked: ${names} (not known here)`, `锚点的根未检查：${names}（本页不认识）`);
  if (step.findings.length > before) return done();
  return done(`${anchors.length} anchors hold, the last over ${ends.at(-1)} entries`, `${anchors.length} 个锚点相符，最后一个覆盖 ${ends.at(-1)} 项`);
}

function read({ size, checkpoint, roots }, index) {
  const isOne = (map) => typeof map === "object" && map !== null && !Array.isArray(map) && Object.entries(map).every(([name, value]) => NAME.test(name) && DIGEST.test(value));
  const names = (map) => String(Object.keys(map).sort());
  if (!Number.isSafeInteger(size) || size < 1 || !isOne(checkpoint) || !isOne(roots) || !names(roots) || names(roots) !== names(checkpoint)) throw new Fault("it is no anchor", "不是锚点");
  if (size > index) throw new Fault(`is over ${size} entries, of which it is one`, `覆盖 ${size} 项，自身也在其中`);
  return { size, checkpoint, roots };
}

async function rootsAt({ head, stop }, bundle, ends, found) {
  const trees = new Map([...HASHES].map(([name, hash]) => [name, new Peaks((entry) => hash(LEAF, entry), (left, right) => hash(NODE, left, right))]));
  const tree = new Peaks(async (entry) => leafHash(entry), async (left, right) => nodeHash(left, right));
  let size = 0;
  while (size < ends.at(-1)) {
    if (stop.aborted) throw new Cancelled();
    let entries = await bundle(Math.floor(size / WIDTH));
    for (const end of [...ends.filter((each) => size < each && each <= size + entries.length), null]) {
      const some = end === null ? entries : entries.slice(0, end - size);
      entries = entries.slice(some.length);
      size += some.length;
      for (const each of [...trees.values(), tree]) await each.add(some);
      if (end !== null) found.set(end, await anchorAt(head.origin, end, trees, tree));
    }
  }
}

async function anchorAt(origin, size, trees, tree) {
  const text = utf8(`${origin}\n${size}\n${base64(await tree.root())}\n`);
  const said = {};
  for (const [name, each] of trees) said[name] = { root: hex(await each.root()), checkpoint: hex(await HASHES.get(name)(text)) };
  return said;
}

function mustAgree(said, name, { root, checkpoint }) {
  if (said.roots[name] !== root) throw new Fault(`the first ${said.size} entries have the ${name} root ${root}; the anchor says ${said.roots[name]}: one of them was changed since`, `前 ${said.size} 项的 ${name} 根为 ${root}；锚点记为 ${said.roots[name]}：其中有条目被更改`);
  if (said.checkpoint[name] !== checkpoint) throw new Fault(`the checkpoint of ${said.size} entries has ${name} ${checkpoint}; the anchor says ${said.checkpoint[name]}`, `${said.size} 项的检查点的 ${name} 为 ${checkpoint}；锚点记为 ${said.checkpoint[name]}`);
}
