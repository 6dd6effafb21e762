// The chain from the camera to what is played, each link an entry of the log.
// Rule: a link is "proven" only after its entry was proven and its values were compared here.

import { FalseProof, LogKey, verifyReceipt } from "./receipt.js";

const REMEMBERED = "evidock.log_key";

/** The log is signed by another key than this browser has seen before. */
export class KeyChanged extends Error {
  constructor(before, now) {
    super("the log key changed");
    this.before = before;
    this.now = now;
  }
}

/** The rendition's entry has no proof yet. */
export class NotProvenYet extends Error {}

/** From now on *key* is the one this browser expects. */
export const trust = (key) => localStorage.setItem(REMEMBERED, key);

/**
 * The links of *shown.clip* as {link: {index, size, fields}}, all proven against the log key.
 * *shown*: what the page tells, as {clip, sha256, kind}: the original's digest, the rendition's kind.
 */
export async function follow(proofs, shown) {
  const key = await LogKey.parse(proofs.log_key);
  const before = localStorage.getItem(REMEMBERED);
  if (before === null) trust(key.text);
  else if (before !== key.text) throw new KeyChanged(before, key.text);
  const links = { key: key.text, seen: before !== null, pinned: proofs.pinned };
  for (const told of proofs.entries) {
    if (told.receipt !== null) links[told.link] = await proven(told, shown.clip, key);
  }
  if (!links.derived) throw new NotProvenYet();
  compare(links, shown);
  return links;
}

async function proven(told, clip, key) {
  const { index, size } = await verifyReceipt(told.receipt, told.text, key);
  const entry = JSON.parse(told.text);
  const fields = entry.kind === "station.act" ? JSON.parse(entry.act) : entry;
  if (index !== told.index) throw new FalseProof("a receipt is of another entry");
  if (entry.clip !== clip || !KINDS[told.link]?.includes(fields.kind)) {
    throw new FalseProof("an entry is not about this clip, or tells something else");
  }
  return { index, size, fields };
}

const KINDS = {
  dock: ["clip.pulled", "clip.verified"],
  archive: ["archive.verified"],
  compared: ["derive.verified", "derive.compared", "derive.refused"],
  derived: ["derive"],
};

/** What the entries say must agree, link by link. */
function compare({ dock, archive, compared, derived }, shown) {
  const original = archive?.fields.digests.sha256;
  const agree = (holds, what) => {
    if (!holds) throw new FalseProof(what);
  };
  agree(archive, "the archive's own entry is missing");
  agree(original === shown.sha256, "the page shows another original than the log names");
  agree(!dock || dock.fields.sha256 === original, "the archive holds other bytes than were docked");
  agree(derived.fields.rendition === shown.kind, "the page shows another kind of rendition than the log names");
  if (!compared) return;
  agree(compared.fields.original.sha256 === original, "another original was compared");
  agree(compared.fields.derived === derived.index, "another rendition was compared");
  for (const [name, { sha256 }] of Object.entries(compared.fields.objects)) {
    agree(derived.fields.objects[name]?.sha256 === sha256, `another ${name} was compared`);
  }
}
