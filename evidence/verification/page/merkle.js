// The Merkle tree of RFC 6962 section 2.1.  (As evidence/merkle.py.)

import { hex, same } from "./bytes.js";
import { sha256 } from "./sha256.js";
import { Fault } from "./verdict.js";

const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)];

export const leafHash = (entry) => sha256(LEAF, entry);
export const nodeHash = (left, right) => sha256(NODE, left, right);

export function rootOf(hashes) {
  if (!hashes.length) return sha256();
  let layer = hashes;
  while (layer.length > 1) {
    const above = [];
    for (let at = 0; at + 1 < layer.length; at += 2) above.push(nodeHash(layer[at], layer[at + 1]));
    if (layer.length % 2) above.push(layer[layer.length - 1]);
    layer = above;
  }
  return layer[0];
}

/** Throws unless the tree of `size` leaves with this root holds `leaf` at `index`. */
export function verifyInclusion(leaf, index, size, path, root) {
  if (![index, size].every(Number.isSafeInteger) || index < 0 || index >= size) throw new Fault(`the tree of ${size} has no entry ${index}`, `${size} 项的树中没有第 ${index} 项`);
  const turns = [];
  for (let [at, width] = [index, size]; width > 1;) {
    let middle = 1;
    while (middle * 2 < width) middle *= 2;
    const right = at >= middle;
    turns.push(right);
    [at, width] = right ? [at - middle, width - middle] : [at, middle];
  }
  if (path.length !== turns.length) throw new Fault(`its proof has ${path.length} hashes, not ${turns.length}`, `证明有 ${path.length} 个哈希，应为 ${turns.length}`);
  let reached = leaf;
  turns.reverse().forEach((right, place) => {
    reached = right ? nodeHash(path[place], reached) : nodeHash(reached, path[place]);
  });
  if (!same(reached, root)) throw new Fault(`its proof leads to root ${hex(reached)}, not to ${hex(root)}`, `证明得到的根为 ${hex(reached)}，应为 ${hex(root)}`);
}

/** The root over neighbouring full subtrees, the largest first. */
export const fold = (peaks) => peaks.length ? peaks.reduceRight((right, left) => nodeHash(left, right)) : sha256();
