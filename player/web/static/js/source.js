// Feeds a media element from the rendition's playlist through hls.js.

import Hls from "../vendor/hls.light.min.mjs";
import { NoLeave } from "./leave.js";

const REFUSED = new Set([403, 404]);

export const playable = () => Hls.isSupported();

/** Attaches *media* to index.m3u8 under *leave*; *failed(word)* is told what the reader should read. */
export async function attach(media, leave, failed) {
  let renewed = false;
  let recovered = false;
  const hls = new Hls({
    enableWorker: false, // fragmented MP4 passes through; a worker would need its own CSP rule
    lowLatencyMode: false,
    backBufferLength: 120,
    xhrSetup: async (request, url) => {
      const name = new URL(url).pathname.split("/").pop();
      request.open("GET", await leave.address(name), true);
    },
  });
  hls.on(Hls.Events.ERROR, async (_, data) => {
    if (!data.fatal) return;
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      if (!REFUSED.has(data.response?.code) || renewed) return failed(await why(leave, data));
      renewed = true;
      await leave.renew().then(() => hls.startLoad(), (error) => failed(wordFor(error)));
    } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
    } else {
      failed("broken");
    }
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => { renewed = false; });
  hls.loadSource(new URL(await leave.address("index.m3u8"), location.href).href);
  hls.attachMedia(media);
}

async function why(leave, data) {
  const status = data.response?.code ?? 0;
  if (status >= 500 || status === 0) return "unreachable";
  return leave.renew().then(() => "broken", wordFor);
}

/** The word for an *error* of asking for leave. */
export function wordFor(error) {
  if (!(error instanceof NoLeave)) return "broken";
  return { 401: "signed_out", 403: "forbidden" }[error.status] ?? "unreachable";
}
