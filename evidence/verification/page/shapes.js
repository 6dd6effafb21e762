// Of what shape JSON must be.  One rule: what has not exactly the names and kinds of values that are
// written down here is refused before anything in it is used.  (As the Structs in package.py,
// census.py, dossier.py and facts.py.)

import { Fault } from "./verdict.js";

const whole = (value) => Number.isSafeInteger(value) && value >= 0;
const minutes = (value) => Number.isSafeInteger(value) && Math.abs(value) <= 14 * 60;
const said = (value) => typeof value === "string";
const bytes = (size) => (value) => said(value) && value.length === 2 * size && /^[0-9a-f]*$/.test(value);
const word = (...words) => (value) => words.includes(value);
const orNull = (shape) => (value) => value === null || shape(value);
const maybe = (shape) => (value) => value === undefined || value === null || shape(value);
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (shape) => (value) => Array.isArray(value) && value.every(shape);
const map = (shape) => (value) => isMap(value) && Object.values(value).every(shape);
const open = (shapes) => (value) => isMap(value) && Object.entries(shapes).every(([name, shape]) => shape(Object.hasOwn(value, name) ? value[name] : undefined));
const exact = (shapes) => (value) => open(shapes)(value) && Object.keys(value).every((name) => Object.hasOwn(shapes, name));

/** Not there at all, or of that shape and not empty. */
const filled = (shape) => (value) => value === undefined || (shape(value) && Object.keys(value).length > 0);

const SELECTION = exact({ kind: word("all", "clips", "case", "incident", "officer-day"), clips: list(said), subject: orNull(said), day: orNull(said) });
const CLIP = exact({
  clip: said, entry: whole, original: orNull(said), manifest: orNull(said), entries: list(whole),
  renditions: list(exact({ entry: whole, objects: map(said) })), without: orNull(word("disposed", "left out", "missing")),
});
const FILE = exact({ entry: whole, file: orNull(said), without: orNull(word("missing")) });
export const STATEMENT = exact({
  format: word("evidock-package/v1"), origin: said, made: said, size: whole, selection: SELECTION, clips: list(CLIP),
  entries: list(whole), stations: map(whole), completeness: list(whole), left_out: list(said),
  openings: filled(map(bytes(32))), exports: filled(list(bytes(32))), law: filled(list(bytes(32))),
  documents: filled(list(FILE)), dossiers: filled(list(FILE)),
});

const OF = exact({ officer: orNull(said), day: said, proof: bytes(80) });
const LEAF = exact({ place: whole, label: bytes(64), commitment: bytes(32), path: maybe(list(bytes(32))), opening: maybe(map(said)), of: maybe(OF) });
export const SHOWN = exact({ format: word("evidock-completeness/v1"), asked: orNull(OF), leaves: list(LEAF) });
export const OPENED = exact({ entries: list(whole) });

const OPENING = exact({ salt: bytes(32), value_hex: said });
export const OPENINGS = exact({ format: word("evidock-openings/v1"), entry: whole, openings: map(OPENING), columns: isMap });

const ITEM = { kind: word("incident", "link", "clip", "document"), id: said, entry: whole };
export const INDEX = exact({
  format: word("evidock-dossier/v1"), case: said, number: whole, previous: orNull(said), root: said,
  items: list(exact({ ...ITEM, sha256: orNull(said), placed: orNull(whole) })), gone: list(exact(ITEM)),
});

const DIGESTS = open({ sha256: bytes(32), sm3: maybe(bytes(32)) });
export const HEAD = open({ kind: said, by: (value) => value === undefined || said(value), clip: maybe(said) });
export const COMPARED = open({ clip: said, derived: whole, original: DIGESTS, objects: map(DIGESTS) });
export const READ = open({ sha256: maybe(said), sm3: maybe(bytes(32)), size: maybe(whole) });
const ENTRIES = {
  "station.enrol": open({ by: said, public_key: bytes(32) }),
  "station.act": open({ by: said, n: (value) => whole(value) && value >= 1, act: said, signature: bytes(64) }),
  "archive.verified": open({
    clip: said, digests: DIGESTS, size: whole, manifest: DIGESTS, commitments: map(bytes(32)),
    received: said, lock_mode: said, lock_until: said, retain_until: said,
  }),
  derive: open({ clip: said, objects: map(DIGESTS) }),
  export: open({ by: said, statement: DIGESTS, record: maybe(DIGESTS) }),
  "clip.digest": open({ by: said, digests: map(said) }),
  "log.anchor": open({ size: whole, checkpoint: map(said), roots: map(said) }),
  "document.add": open({ document: said, sha256: bytes(32), size: whole, commitments: map(bytes(32)) }),
  "dossier.made": open({
    number: (value) => whole(value) && value >= 1, sha256: bytes(32), previous: maybe(bytes(32)), root: bytes(32),
    items: whole, gone: whole, commitments: map(bytes(32)),
  }),
  census: open({ from: whole, to: whole, clips: whole, leaves: whole, root: bytes(32), key: bytes(32), utc_offset_minutes: minutes }),
};
const RULE = open({ pack: said, rule: said, from: said, until: maybe(said) });
const PACK = open({ pack: said, digests: open({ sha256: bytes(32) }) });
const PLACE = open({ vault: word("first", "second"), bucket: said, key: said, version: said });
const PROPOSAL = { at: said, proposal: said };
Object.assign(ENTRIES, {
  "dispose.notice": open({ at: said, until: said }),
  "proposal.make": open({ ...PROPOSAL, act: said, commitments: maybe(map(bytes(32))) }),
  "proposal.approve": open({ ...PROPOSAL, not_before: said }),
  "proposal.withdraw": open(PROPOSAL),
  "dispose.begin": open({
    ...PROPOSAL, clip: said, act: word("dispose", "destroy"), proposed: whole, approved: whole, law: whole, rule: RULE, promised: said, host: said,
    outside: open({ at: said, by: word("witness", "rfc3161"), name: said }), lock_until: said, done_today: whole, clips: whole, per_mille: whole,
    cases: (value) => value === undefined || list(open({ case: said, closed: whole }))(value),
  }),
  "dispose.done": open({ ...PROPOSAL, clip: said, began: whole, objects: list(PLACE), shared: maybe(list(PLACE)) }),
  "law.publish": open({ at: said, law: PACK, rule_sets: maybe(list(PACK)) }),
  "case.close": open({ at: said, closing: said }),
  "case.reopen": open({ at: said, closing: said }),
});
const LATER = open({ retain_until: maybe(said) });

/** The value, if it has that shape; throws if not. */
export function must(shape, value, en, zh) {
  if (!shape(value)) throw new Fault(`${en} does not have the names and values that it must have`, `${zh}的名称或值不符合规定`);
  return value;
}

/** The fields of an entry, if they are those of its kind. */
export function mustBeEntry(fields) {
  must(HEAD, fields, "an entry", "条目");
  return must(Object.hasOwn(ENTRIES, fields.kind) ? ENTRIES[fields.kind] : LATER, fields, `an entry of kind ${fields.kind}`, `类别为 ${fields.kind} 的条目`);
}
