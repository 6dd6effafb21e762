// Feeds a media element through hls.js from a verified rendition.
// Rule: hls.js gets bytes from VerifiedMedia alone; what was refused is a gap that is never filled.

import Hls from "../vendor/hls.light.min.mjs";
import { NoLeave } from "./leave.js";
import { FalseProof } from "./receipt.js";
import { Refused } from "./verified.js";

const PLAYLIST = "index.m3u8";
const REFUSED = 422; // what a refusal looks like to hls.js: it must ask again, to find the gap
const MOST_TRIES = 6;
const PATIENCE = {
  maxTimeToFirstByteMs: 20_000,
  maxLoadTimeMs: 120_000,
  timeoutRetry: { maxNumRetry: 4, retryDelayMs: 0, maxRetryDelayMs: 0 },
  errorRetry: {
    maxNumRetry: Infinity,
    retryDelayMs: 100,
    maxRetryDelayMs: 4_000,
    backoff: "exponential",
    shouldRetry: (_, count, __, answer) =>
      answer?.code === REFUSED || (count < MOST_TRIES && !TOLD[answer?.code]),
  },
};
const TOLD = { 401: "signed_out", 403: "forbidden", 404: "unreachable" };

export const playable = () => Hls.isSupported();

/** The word for an *error*: what the reader should read. */
export function wordFor(error) {
  if (error instanceof FalseProof) return "false_proof";
  if (error instanceof Refused) return "refused_file";
  if (error instanceof NoLeave) return TOLD[error.status] ?? "unreachable";
  return "broken";
}

/**
 * Attaches *media* to *verified*; *heard* has failed(word, error) and refused(error).
 * The answer is a function that ends it: nothing is fetched after that.
 */
export function attach(media, verified, heard) {
  let recovered = false;
  const hls = new Hls({
    enableWorker: false, // fragmented MP4 passes through; a worker would need its own CSP rule
    lowLatencyMode: false,
    backBufferLength: 120,
    fragLoadPolicy: { default: PATIENCE },
    pLoader: loader(async () => {
      return new TextDecoder().decode(await verified.object(PLAYLIST));
    }, heard),
    fLoader: loader(async ({ rangeStart, rangeEnd }, signal) => {
      return (await verified.segment(rangeStart, rangeEnd, signal)).buffer;
    }, heard),
  });
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      heard.failed(TOLD[data.response?.code] ?? "unreachable");
    } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
    } else {
      heard.failed("broken");
    }
  });
  hls.loadSource(new URL(PLAYLIST, location.href).href);
  hls.attachMedia(media);
  return () => hls.destroy();
}

/** A loader class for hls.js whose data are what *read* answers. */
function loader(read, heard) {
  return class {
    stats = freshStats();
    context = null;
    #stop = new AbortController();
    #callbacks = null;

    load(context, _, callbacks) {
      this.context = context;
      this.#callbacks = callbacks;
      this.stats.loading.start = performance.now();
      read(context, this.#stop.signal).then((data) => this.#done(data), (error) => this.#not(error));
    }

    #done(data) {
      const { stats, context } = this;
      if (stats.aborted || !this.#callbacks) return;
      stats.loading.first = Math.max(performance.now(), stats.loading.start);
      stats.loading.end = stats.loading.first;
      stats.loaded = stats.total = data.byteLength ?? data.length;
      this.#callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
    }

    #not(error) {
      if (this.stats.aborted || !this.#callbacks || error.name === "AbortError") return;
      const gap = error instanceof Refused && this.#marked();
      if (gap) heard.refused(error);
      else if (!(error instanceof NoLeave)) heard.failed(wordFor(error), error);
      const code = gap ? REFUSED : error.status ?? 0;
      this.#callbacks?.onError({ code, text: error.message }, this.context, null, this.stats);
    }

    /** Whether what was refused is a segment, now marked so that hls.js passes it over. */
    #marked() {
      const { frag } = this.context;
      if (!frag || frag.sn === "initSegment") return false;
      frag.tagList.push(["GAP"]);
      frag.gap = true;
      return true;
    }

    abort() {
      if (this.stats.aborted || this.stats.loading.end) return;
      this.stats.aborted = true;
      this.#stop.abort();
      this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy() {
      this.#callbacks = null;
      this.#stop.abort();
    }

    getCacheAge() { return null; }
    getResponseHeader() { return null; }
  };
}

const freshStats = () => ({
  aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});
