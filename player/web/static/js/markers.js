// Markers: one tap says what the clip shows at the moment that stands there, without a new page.
// Rule: nothing is listed before the archive has it on record.

import { clock } from "./clock.js";
import { showAct } from "./timeline.js";

const section = document.getElementById("markers");
const form = section.querySelector(".mark-here");
const media = document.querySelector("evidence-player audio.media, evidence-player video.media");
const bar = document.querySelector("evidence-player .position");
const ticks = document.querySelector("evidence-player .marker-ticks");
const list = section.querySelector(".marker-list");

/** A tick on the bar for every marker that stands and has a moment. */
function drawTicks() {
  const length = Number(bar?.max) || Number(section.dataset.length);
  if (!ticks || !length) return;
  ticks.replaceChildren(...[...list.querySelectorAll("li[data-at]")].map((row) => {
    const tick = document.createElement("span");
    tick.style.left = `${Math.min(100, (100 * Number(row.dataset.at)) / length)}%`;
    return tick;
  }));
}

function jump(button) {
  if (!bar || bar.disabled || button.dataset.at === "") return;
  bar.value = button.dataset.at;
  bar.dispatchEvent(new Event("input"));
  bar.closest("evidence-player").scrollIntoView({ block: "nearest" });
}

function listed(marked) {
  const row = document.getElementById("marker-row").content.cloneNode(true).querySelector("li");
  row.dataset.marker = marked.id;
  if (marked.at_ms === null) row.removeAttribute("data-at");
  else row.dataset.at = marked.at_ms;
  const moment = row.querySelector(".moment");
  moment.textContent = marked.clock;
  moment.dataset.at = marked.at_ms ?? "";
  moment.hidden = marked.at_ms === null;
  row.querySelector(".whole-clip").hidden = marked.at_ms !== null;
  row.querySelector(".words").textContent = marked.words;
  row.querySelector(".note").textContent = marked.note;
  row.querySelector(".by").textContent = marked.by;
  const withdraw = row.querySelector("form");
  withdraw.action = `/clips/${section.dataset.clip}/markers/${marked.id}/withdraw`;
  const place = marked.at_ms ?? -1;
  const next = [...list.children].find((each) => Number(each.dataset.at ?? -1) > place);
  list.insertBefore(row, next ?? null);
  section.querySelector(".none")?.remove();
}

function complain(text) {
  const alert = form.querySelector("[role=alert]");
  alert.textContent = text;
  alert.hidden = text === "";
}

async function send(code) {
  const body = new FormData(form);
  body.set("code", code);
  const headers = { Accept: "application/json", "X-Evidock-Form": section.dataset.token };
  try {
    const answer = await fetch(form.action, { method: "POST", headers, body });
    const told = await answer.json();
    if (!answer.ok) return complain(`${told.title} ${told.advice || told.detail}`);
    complain("");
    listed(told);
    drawTicks();
    if (told.act) showAct(told.act, false);
    const status = form.querySelector("[role=status]");
    status.textContent = status.dataset.words.replace("{what}", told.words);
    form.elements.note.value = "";
  } catch (error) {
    complain(String(error));
  }
}

/** The field follows what is shown until somebody types in it; emptied, it means the whole clip. */
function follow() {
  const field = form.elements.at;
  let typed = false;
  field.addEventListener("input", () => { typed = true; });
  const now = () => { if (!typed && document.activeElement !== field) field.value = clock(media.currentTime); };
  for (const name of ["timeupdate", "seeked", "loadeddata"]) media.addEventListener(name, now);
  media.addEventListener("seeking", () => { typed = false; });
  media.addEventListener("play", () => { typed = false; });
}

if (form) {
  if (media) follow();
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.value) return;
    event.preventDefault();
    send(event.submitter.value);
  });
}
list.addEventListener("click", (event) => {
  const moment = event.target.closest(".moment");
  if (moment) jump(moment);
});
media?.addEventListener("loadedmetadata", drawTicks);
media?.addEventListener("loadeddata", () => requestAnimationFrame(drawTicks));
drawTicks();
