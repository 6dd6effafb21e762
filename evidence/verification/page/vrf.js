// ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381, verification only.  (As evidence/vrf.py.)

import { hex, joined, same } from "./bytes.js";
import { Fault } from "./verdict.js";

const P = 2n ** 255n - 19n, ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (number) => ((number % P) + P) % P;
const SIGN = 1n << 255n;

function power(base, exponent) {
  let [result, square] = [1n, mod(base)];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const inverse = (number) => power(number, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);
const ZERO = [0n, 1n, 1n, 0n];

function add(a, b) {
  const low = mod((a[1] - a[0]) * (b[1] - b[0])), high = mod((a[1] + a[0]) * (b[1] + b[0]));
  const c = mod(2n * a[3] * b[3] * D), d = mod(2n * a[2] * b[2]);
  const [e, f, g, h] = [high - low, d - c, d + c, high + low];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(number, point) {
  let [reached, double] = [ZERO, point];
  for (let rest = number; rest > 0n; rest >>= 1n) {
    if (rest & 1n) reached = add(reached, double);
    double = add(double, double);
  }
  return reached;
}

const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse()) || "0"}`);

function encode(point) {
  const back = inverse(point[2]);
  const [x, y] = [mod(point[0] * back), mod(point[1] * back)];
  const digits = (y | (x & 1n ? SIGN : 0n)).toString(16).padStart(64, "0");
  return Uint8Array.from(digits.match(/../g).reverse(), (pair) => parseInt(pair, 16));
}

function decode(bytes) {
  if (bytes.length !== 32) return null;
  const number = little(bytes);
  const [y, odd] = [number & (SIGN - 1n), number >> 255n];
  if (y >= P) return null;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = mod(x * ROOT);
  if (mod(x * x - square) || (x === 0n && odd)) return null;
  if ((x & 1n) !== odd) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

const BASE = decode(encode([0n, mod(4n * inverse(5n)), 1n, 0n]));

async function hash(front, ...parts) {
  const bytes = joined(Uint8Array.of(3, front), ...parts, Uint8Array.of(0));
  return new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
}

async function toCurve(key, alpha) {
  for (let counter = 0; counter < 256; counter += 1) {
    const found = decode((await hash(1, key, alpha, Uint8Array.of(counter))).subarray(0, 32));
    const point = found && times(8n, found);
    if (point && point[0] !== 0n) return point;
  }
  throw new Fault("no point of the curve was found", "未找到曲线上的点");
}

/** The 64 bytes of output of `key` for `alpha` that `proof` proves; throws if it does not. */
export async function verifyVrf(key, alpha, proof) {
  const refuse = () => new Fault("the VRF proof does not hold", "VRF 证明不成立");
  const [y, gamma] = [decode(key), decode(proof.subarray(0, 32))];
  if (!y || proof.length !== 80 || !gamma || same(encode(times(8n, y)), encode(ZERO))) throw refuse();
  const [challenge, s] = [proof.subarray(32, 48), little(proof.subarray(48))];
  if (s >= ORDER) throw refuse();
  const h = await toCurve(key, alpha);
  const minus = ORDER * 8n - little(challenge);
  const u = encode(add(times(s, BASE), times(minus, y)));
  const v = encode(add(times(s, h), times(minus, gamma)));
  const found = (await hash(2, encode(y), encode(h), encode(gamma), u, v)).subarray(0, 16);
  if (!same(found, challenge)) throw refuse();
  return hash(3, encode(times(8n, gamma)));
}
