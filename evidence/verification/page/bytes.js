// Bytes, text and their written forms.  One rule: what is not written exactly as we would write it
// is refused, so that no byte can change without meaning.

import { Fault } from "./verdict.js";

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

export function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault("it is not UTF-8 text", "不是 UTF-8 文本");
  }
}

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function compare(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

export const same = (a, b) => compare(a, b) === 0;

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes written as `size` pairs of lower-case digits; any number of them without `size`. */
export function unhex(written, size) {
  if (typeof written !== "string" || !/^([0-9a-f]{2})*$/.test(written)) {
    throw new Fault(`${JSON.stringify(written)} is not hexadecimal`, `${JSON.stringify(written)} 不是十六进制`);
  }
  const bytes = Uint8Array.from(written.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  if (size !== undefined && bytes.length !== size) {
    throw new Fault(`${written} is not ${size} bytes`, `${written} 不是 ${size} 字节`);
  }
  return bytes;
}

export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/** The bytes of `written`, or null unless it is just what base64() writes. */
export function unbase64(written) {
  try {
    const bytes = Uint8Array.from(atob(written), (sign) => sign.charCodeAt(0));
    return base64(bytes) === written ? bytes : null;
  } catch {
    return null;
  }
}

/** The value in canonical JSON (RFC 8785) of whole numbers, text, lists and maps. */
export function canonicalValue(bytes) {
  const written = text(bytes);
  let value;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Fault("it is no JSON", "不是 JSON");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value) || canonical(value) !== written) {
    throw new Fault("it is not canonical JSON (RFC 8785)", "不是规范化 JSON（RFC 8785）");
  }
  return value;
}

export function canonical(value) {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    if (typeof value === "string" && !value.isWellFormed()) throw new Fault("text without UTF-8 form", "文本没有 UTF-8 形式");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Fault("a number in it is not whole or too large", "其中的数字不是整数或过大");
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const names = Object.keys(value).sort();
  for (const name of names) if (/[^\x00-\x7f]/.test(name)) throw new Fault("a name in it is not ASCII", "其中的名称不是 ASCII");
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}
