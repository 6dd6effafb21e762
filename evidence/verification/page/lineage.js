// Versions of dossiers: what one is, which follows which, and whether entries say what it says of
// them.  (As dossier.py, lineage.py and reasons.py.)

import { canonical, canonicalValue, compare, hex, utf8 } from "./bytes.js";
import { leafHash, rootOf } from "./merkle.js";
import { INDEX, must } from "./shapes.js";
import { Fault } from "./verdict.js";

const nameOf = ({ kind, id }) => `${kind} ${id}`;
const COUNTS = ["automatic", "confirmed"];

/** The version in `bytes`; throws unless it is canonical, with a root over its items. */
export function readIndex(bytes) {
  const index = must(INDEX, canonicalValue(bytes), "the dossier", "卷宗");
  const root = hex(rootOf(index.items.map((item) => leafHash(utf8(canonical(item))))));
  if (root !== index.root) throw new Fault("the dossier's root is not over its items", "卷宗的根与其条目不符");
  return index;
}

/** Why `after` cannot be the version behind `before`, whose digest is `digest`; none if it can. */
export function growth(before, digest, after) {
  const found = [];
  const [number, previous] = before ? [before.number + 1, digest] : [1, null];
  if (after.number !== number || after.previous !== previous) found.push([`is version ${after.number} and does not follow the one before`, `为第 ${after.number} 版，未接续前一版`]);
  const names = [...after.items, ...after.gone].map(nameOf);
  const named = new Set(names);
  if (named.size !== names.length) found.push(["names an item twice", "重复列出同一项"]);
  if (!after.items.every((item, place) => !place || inOrder(after.items[place - 1], item))) found.push(["does not list its items in order", "其各项未按顺序列出"]);
  if (!before) return after.gone.length ? [...found, ["names what is gone, and is the first", "为首版，却列出已移出的项"]] : found;
  const had = new Map([...before.items, ...before.gone].map((each) => [nameOf(each), each.sha256]));
  for (const name of had.keys()) if (!named.has(name)) found.push([`leaves out ${name} without the entry by which it went`, `遗漏 ${name}，且未注明其移出所依据的条目`]);
  for (const each of after.gone) if (!had.has(nameOf(each))) found.push([`says that ${nameOf(each)} is gone, which was never there`, `称从未存在的 ${nameOf(each)} 已移出`]);
  const held = new Map(before.items.map((each) => [nameOf(each), each.sha256]));
  for (const each of after.items) if (held.has(nameOf(each)) && held.get(nameOf(each)) !== each.sha256) found.push([`has another digest for ${nameOf(each)}`, `${nameOf(each)} 的摘要与前一版不同`]);
  return found;
}

const inOrder = (a, b) => (compare(utf8(a.kind), utf8(b.kind)) || compare(utf8(a.id), utf8(b.id))) <= 0;

/** The lines of all versions: `{entry, sha256, previous, number, case}` each. */
export class Lineage {
  #before = new Map();
  #followers = new Map([[null, []]]);
  #first = new Map();
  #byDigest = new Map();

  constructor(versions) {
    for (const each of [...versions].sort((a, b) => a.entry - b.entry)) {
      const before = each.previous === null ? null : (this.#byDigest.get(each.previous) ?? null);
      this.#followers.get(before && before.entry).push(each);
      this.#followers.set(each.entry, []);
      if (before) this.#before.set(each.entry, before);
      else if (each.previous === null && each.case !== null && !this.#first.has(each.case)) this.#first.set(each.case, each);
      if (!this.#byDigest.has(each.sha256)) this.#byDigest.set(each.sha256, each);
    }
  }

  /** Each version, and the one before it; the first that follows one right behind it. */
  *walk() {
    const waiting = this.#followers.get(null).toReversed();
    while (waiting.length) {
      const version = waiting.pop();
      yield [version, this.#before.get(version.entry) ?? null];
      waiting.push(...this.#followers.get(version.entry).toReversed());
    }
  }

  /** Why a version does not stand where it stands. */
  problems(version) {
    const [before, same] = [this.#before.get(version.entry), this.#byDigest.get(version.sha256)];
    const found = same === version ? [] : [[`is the version of entry ${same.entry} once more`, `与第 ${same.entry} 项的版本重复`]];
    if (!before) return [...found, ...this.#ofFirst(version)];
    if (version.number !== before.number + 1) found.push([`is version ${version.number}, and follows version ${before.number}`, `为第 ${version.number} 版，却接续第 ${before.number} 版`]);
    if (this.#followers.get(before.entry)[0] !== version) found.push(["follows a version that another one follows already", "所接续的版本已有后续版本"]);
    if (version.case !== null && before.case !== null && version.case !== before.case) found.push([`is of another case than the version of entry ${before.entry}`, `与第 ${before.entry} 项的版本不属于同一案件`]);
    return found;
  }

  #ofFirst(version) {
    if (version.previous !== null) return [["follows a version that is not here", "所接续的版本不在此处"]];
    const found = version.number === 1 ? [] : [[`is version ${version.number}, and follows none`, `为第 ${version.number} 版，却未接续任何版本`]];
    const first = version.case === null ? version : this.#first.get(version.case);
    if (first !== version) found.push([`begins anew what began with entry ${first.entry}`, `重新开始了第 ${first.entry} 项已开始的卷宗`]);
    return found;
  }
}

/** Numbers of all entries that an index names, in order. */
export function namedBy({ items, gone }) {
  const entries = [...items, ...gone].map((each) => each.entry);
  return [...new Set([...entries, ...items.map((item) => item.placed).filter((entry) => entry !== null)])].sort((a, b) => a - b);
}

/** What an index says that the entries in `held` do not say; of others nothing. */
export function* unsaid(index, held) {
  for (const item of index.items) {
    if (held.has(item.entry) && !brought(held.get(item.entry), item)) yield [`says of ${nameOf(item)} what entry ${item.entry} does not say`, `关于 ${nameOf(item)} 的记载与第 ${item.entry} 项不符`];
    const placed = item.placed !== null && held.get(item.placed);
    if (placed && (placed.kind !== "case.clip" || placed.clip !== item.id)) yield [`says that entry ${item.placed} placed clip ${item.id}`, `称第 ${item.placed} 项将片段 ${item.id} 归入案件`];
  }
  for (const gone of index.gone) {
    if (held.has(gone.entry) && !took(held.get(gone.entry), gone)) yield [`says that entry ${gone.entry} took ${nameOf(gone)}`, `称第 ${gone.entry} 项移出了 ${nameOf(gone)}`];
  }
  yield* unjoined(index);
}

/** What is in the case by nothing else that is in it. */
function* unjoined({ items }) {
  const links = items.filter((item) => item.kind === "link").map(({ id }) => split(id));
  const linked = new Set(links.map(([clip]) => clip));
  const incidents = new Set(items.filter((item) => item.kind === "incident").map(({ id }) => id));
  for (const { kind, id, placed } of items) {
    if (kind === "clip" && placed === null && !linked.has(id)) yield [`names clip ${id}, which no link and no person brought into the case`, `列出的片段 ${id} 既无关联，也无人归入案件`];
  }
  for (const [clip, incident] of links) {
    if (!incidents.has(incident)) yield [`names a link of clip ${clip} to ${incident}, which the case does not have`, `列出片段 ${clip} 与 ${incident} 的关联，但案件没有该事件`];
  }
}

/** Clip and incident of a link; of anything else its id, and nothing. */
export function split(id) {
  const at = id.indexOf(" ");
  return at < 0 ? [id, ""] : [id.slice(0, at), id.slice(at + 1)];
}

function brought(entry, item) {
  if (item.kind === "clip") return entry.kind === "archive.verified" && entry.clip === item.id && (entry.digests?.sha256 ?? null) === item.sha256;
  if (item.kind === "document") return entry.kind === "document.add" && entry.document === item.id && (entry.sha256 ?? null) === item.sha256;
  if (item.kind === "incident") return entry.kind === "incident.import" && entry.incident === item.id && (entry.withdrawn ?? null) === null;
  return ["link", "link.confirm"].includes(entry.kind) && `${entry.clip} ${entry.incident}` === item.id && !undoes(entry);
}

/** Whether the entry may be what took it: what feeds told of incidents and cases is not in clear. */
function took(entry, gone) {
  if (gone.kind === "document") return false;
  if (entry.kind === "case.import") return true;
  const [clip, incident] = split(gone.id);
  if (entry.kind === "incident.import") return gone.kind === "clip" || entry.incident === (incident || gone.id);
  if (gone.kind === "incident" || entry.clip !== clip) return false;
  if (["link", "link.reject"].includes(entry.kind)) return undoes(entry) && ["", entry.incident].includes(incident);
  return entry.kind === "dispose.done" || (entry.kind === "case.unclip" && !incident);
}

/** Whether a link does not count since that entry, which is about it. */
function undoes({ kind, withdrawn, standing }) {
  return kind === "link.reject" || withdrawn === true || ((standing ?? null) !== null && !COUNTS.includes(standing));
}
