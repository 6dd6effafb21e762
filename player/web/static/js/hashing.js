// SHA-256 and the Merkle tree of RFC 6962, by Web Crypto.

/** Whether this page may hash at all: browsers allow it over TLS and on loopback only. */
export const usable = () => Boolean(globalThis.isSecureContext && globalThis.crypto?.subtle);

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
}

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
export const utf8 = (text) => new TextEncoder().encode(text);
export const same = (a, b) => a.length === b.length && a.every((byte, place) => byte === b[place]);

/** The bytes of base64 *text*; an error for any other spelling of them. */
export function base64(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (btoa(String.fromCharCode(...bytes)) !== text) throw new Error(`not base64: ${text}`);
  return bytes;
}

export const leafHash = (leaf) => sha256([0], leaf);
export const nodeHash = (left, right) => sha256([1], left, right);

/** The root over leaf hashes, at least one. */
export async function rootOf(hashes) {
  let layer = hashes;
  while (layer.length > 1) {
    const pairs = [];
    for (let n = 0; n + 1 < layer.length; n += 2) pairs.push(nodeHash(layer[n], layer[n + 1]));
    const above = await Promise.all(pairs);
    layer = layer.length % 2 ? [...above, layer.at(-1)] : above;
  }
  return layer[0];
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
