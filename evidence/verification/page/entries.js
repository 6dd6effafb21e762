// Step 4: each entry is in the log under the checkpoint; and what they are about.
// (As entries.py and proven.py.)

import { canonicalValue, same } from "./bytes.js";
import { leafHash, rootOf, verifyInclusion } from "./merkle.js";
import { readReceipt } from "./note.js";
import { HEAD, must, mustBeEntry } from "./shapes.js";
import { ENTRIES, TileTree, WIDTH, allTiles, tilePath } from "./tiles.js";
import { Cancelled, Fault, done, impossible } from "./verdict.js";
import { DATA } from "./bag.js";
import { checkAnchors } from "./anchors.js";

const INDEXED = new Set([
  "station.enrol", "station.act", "archive.verified", "export", "census", "log.anchor", "dispose.begin", "dispose.done",
  "law.publish", "case.close", "case.reopen", "proposal.make", "proposal.approve", "proposal.withdraw",
  "document.add", "dossier.made",
]);
const MAX_ENTRY = 0xffff;

/** The entries that were proven to be in the log. */
export class Proven {
  known = [];
  clips = new Map();
  kinds = new Map();
  #members = new Set();

  constructor(fetch) {
    this.fetch = fetch;
  }

  take(index, raw) {
    const fields = must(HEAD, canonicalValue(raw), "the entry", "条目");
    this.known.push(index);
    this.#members.add(index);
    if (typeof fields.clip === "string") append(this.clips, fields.clip, index);
    if (INDEXED.has(fields.kind)) append(this.kinds, fields.kind, index);
  }

  has(index) {
    return this.#members.has(index);
  }

  ofKind(kind) {
    return this.kinds.get(kind) ?? [];
  }

  async fields(index) {
    if (!this.#members.has(index)) throw new Fault(`no proof shows that entry ${index} is in the log`, `没有证明表明第 ${index} 项在日志中`);
    return mustBeEntry(canonicalValue(await this.fetch(index)));
  }
}

function append(map, name, index) {
  if (!map.has(name)) map.set(name, []);
  map.get(name).push(index);
}

export async function checkEntries(about, step) {
  about.isWhole = about.log === "" || about.files.names.some((name) => name.startsWith(`${about.log}tile/`));
  if (about.head === null) return impossible("there is no checkpoint to hold entries against", "没有检查点可供比对");
  return about.isWhole ? checkLog(about, step) : checkReceipts(about, step);
}

async function checkLog(about, step) {
  const { head, files, log } = about;
  if (head.size > files.names.length * WIDTH) {
    step.found(`${log}tile`, `${head.size} entries cannot lie in so few files`, `${head.size} 项不可能只有这么少的文件`);
    return done();
  }
  const read = async (path) => (files.has(log + path) ? files.read(log + path) : null);
  const tree = new TileTree(head.size, read);
  let holds = false;
  await step.about(`${log}checkpoint`, async () => {
    if (!same(await tree.root(), head.root)) throw new Fault("the tiles do not give its root", "瓦片得出的根与其不符");
    holds = true;
  });
  if (!holds) return impossible("the tiles are not those of this checkpoint: nothing in them is proven", "瓦片不属于此检查点：其中内容均未证明");
  const bundle = (place) => tree.parts(ENTRIES, place);
  about.proven = new Proven(async (index) => (await bundle(Math.floor(index / WIDTH)))[index % WIDTH]);
  const proven = new Set();
  for (const tile of [...allTiles(head.size)].sort((a, b) => b.level - a.level || a.index - b.index)) {
    if (about.stop.aborted) throw new Cancelled();
    await step.about(log + tilePath(tile), () => (tile.level === ENTRIES ? takeBundle(about, tree, tile, step, proven) : checkTile(tree, tile, proven)));
  }
  if (head.size === 0) step.found("log", "it holds no entry", "日志没有条目");
  return checkAnchors(about, bundle, step);
}

/** A full tile hashes to its place in one that is proven; the root was made of those at the edge. */
async function checkTile(tree, tile, proven) {
  const hashes = await tree.parts(tile.level, tile.index);
  if (tile.width === WIDTH) {
    const place = Math.floor(tile.index / WIDTH);
    mustBeProven(proven, tile.level + 1, place);
    const above = await tree.parts(tile.level + 1, place);
    if (!same(rootOf(hashes), above[tile.index % WIDTH])) throw new Fault("does not hash to its place in the level above", "与上层对应位置的哈希不符");
  }
  proven.add(`${tile.level} ${tile.index}`);
}

function mustBeProven(proven, level, index) {
  if (!proven.has(`${level} ${index}`)) throw new Fault(`tile ${index} of level ${level}, which it must hash to, is not true`, `它所对应的第 ${level} 层第 ${index} 个瓦片不真实`);
}

async function takeBundle(about, tree, bundle, step, proven) {
  mustBeProven(proven, 0, bundle.index);
  const hashes = await tree.parts(0, bundle.index);
  const entries = await tree.parts(ENTRIES, bundle.index);
  for (const [place, raw] of entries.entries()) {
    const index = bundle.index * WIDTH + place;
    if (!same(leafHash(raw), hashes[place])) step.found(`entry ${index}`, "is not the one whose hash is in the log", "与日志中的哈希不符");
    else await take(about, index, raw, step);
  }
}

async function checkReceipts(about, step) {
  const { files, head } = about;
  const held = new Map();
  about.proven = new Proven(async (index) => held.get(index));
  const pattern = /^data\/entries\/(0|[1-9][0-9]{0,15})\.json$/;
  const indexes = files.names.map((name) => pattern.exec(name)?.[1]).filter(Boolean).map(Number).sort((a, b) => a - b);
  for (const index of indexes) {
    await step.about(`entry ${index}`, async () => {
      const raw = await files.read(`${DATA}entries/${index}.json`, MAX_ENTRY);
      const receipt = readReceipt(await files.read(`${DATA}entries/${index}.tlog-proof`, 1 << 20));
      if (!same(receipt.note, about.note)) throw new Fault("its receipt is not under the checkpoint of this package", "收据不属于本包的检查点");
      if (receipt.index !== index) throw new Fault(`its receipt is of entry ${receipt.index}`, `收据属于第 ${receipt.index} 项`);
      verifyInclusion(leafHash(raw), index, head.size, receipt.path, head.root);
      held.set(index, raw);
      await take(about, index, raw, step);
    });
  }
  if (!indexes.length) step.found(`${DATA}entries`, "there is neither an entry nor a log", "既没有条目也没有日志");
  return done();
}

async function take(about, index, raw, step) {
  await step.about(`entry ${index}`, () => {
    about.proven.take(index, raw);
    step.checked += 1;
  });
}
