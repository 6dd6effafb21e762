// The page at work: what is chosen, the verification, and its progress.

import { Files } from "./files.js";
import { judge } from "./judge.js";
import { hasEd25519 } from "./note.js";
import { sha256 } from "./sha256.js";
import { sm3 } from "./sm3.js";
import { utf8 } from "./bytes.js";
import { Policy } from "./policy.js";
import { verifyVrf } from "./vrf.js";
import { rootOf, verifyInclusion } from "./merkle.js";
import { growth, readIndex, unsaid } from "./lineage.js";
import { Cancelled } from "./verdict.js";
import { View, byId } from "./view.js";

const view = new View();
const EVERY = 200;
let chosen = null, chosenName = "", report = null, stop = null;

/** A verdict is of one folder under one policy: nothing of it stays when either changes. */
function forget() {
  stop?.abort();
  report = null;
  byId("result").hidden = true;
  byId("clips").replaceChildren();
  document.documentElement.dataset.verdict = "none";
}

function took(found, name) {
  forget();
  [chosen, chosenName] = [found, name];
  byId("folder-name").removeAttribute("data-say");
  byId("folder-name").textContent = `${name} (${found.length})`;
  byId("verify").disabled = !found.length;
}

function policyBytes() {
  const pasted = byId("policy-text").value;
  return pasted.trim() ? utf8(pasted.endsWith("\n") ? pasted : `${pasted}\n`) : null;
}

async function run() {
  forget();
  const files = new Files(chosen);
  const total = files.names.reduce((sum, name) => sum + files.size(name), 0);
  const [began, bar] = [performance.now(), byId("bar")];
  let [done, shownAt] = [0, 0];
  files.heard = (count) => {
    done += count;
    const now = performance.now();
    if (now - shownAt < EVERY) return;
    shownAt = now;
    bar.value = total ? done / total : 1;
    byId("pace").textContent = `${Math.round(done / 1e6)} / ${Math.round(total / 1e6)} MB, ${Math.round(done / 1e3 / (now - began))} MB/s`;
  };
  stop = new AbortController();
  working(true);
  const [name, signal] = [chosenName, stop.signal];
  try {
    const found = await judge(files, policyBytes(), signal);
    if (signal.aborted) throw new Cancelled();
    report = { name, ...found };
    view.report(report);
    byId("verdict").scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    report = null;
    byId("result").hidden = false;
    for (const name of ["steps", "findings", "clips", "claim"]) byId(name).replaceChildren();
    [byId("verdict").className, byId("verdict").textContent, byId("head").textContent] = ["consistent", view.say("stopped"), ""];
  } finally {
    working(false);
  }
}

function working(is) {
  [byId("progress").hidden, byId("stop").hidden, byId("verify").disabled] = [!is, !is, is];
  byId("bar").value = 0;
}

async function walk(entry, path, found) {
  if (entry.isFile) found.push([`${path}${entry.name}`, await new Promise((take, fail) => entry.file(take, fail))]);
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((take, fail) => reader.readEntries(take, fail));
    if (!some.length) return;
    for (const each of some) await walk(each, `${path}${entry.name}/`, found);
  }
}

function listen() {
  byId("language").addEventListener("click", () => {
    view.language = view.language === "zh" ? "en" : "zh";
    view.texts();
    if (report) view.report(report);
  });
  byId("policy-text").addEventListener("input", forget);
  byId("policy-file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    forget();
    byId("policy-name").textContent = file.name;
    byId("policy-text").value = file.size < 1 << 20 ? await file.text() : "";
  });
  byId("folder").addEventListener("change", (event) => {
    const files = [...event.target.files];
    took(files.map((file) => [file.webkitRelativePath, file]), files[0]?.webkitRelativePath.split("/")[0] ?? "");
  });
  byId("verify").addEventListener("click", run);
  byId("stop").addEventListener("click", () => stop.abort());
  for (const button of document.querySelectorAll("[data-opens]")) {
    button.addEventListener("click", () => byId(button.dataset.opens).click());
  }
  const drop = byId("drop");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  }
  drop.addEventListener("drop", async (event) => {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const found = [];
    for (const entry of entries) await walk(entry, "", found);
    took(found, entries[0]?.name ?? "");
  });
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
}

async function start() {
  view.texts();
  listen();
  if (await hasEd25519()) return;
  byId("unable").hidden = false;
  for (const button of document.querySelectorAll("main button")) button.disabled = true;
}

/** For tests: the same vectors are put to these rules and to those in Python. */
globalThis.rules = { sha256, sm3, Policy, verifyVrf, verifyInclusion, rootOf, utf8, readIndex, growth, unsaid };

start();
