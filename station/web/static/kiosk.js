// The kiosk: after a badge, which event recordings belong to.  Text only, never markup.
// Rule: nothing is shown as said before the station has it on record, and nothing stays for long.

const [WAITS_FOR, SHOWN_FOR] = [20_000, 60_000]; // ms for a badge; ms after the last touch
const LONGEST = 64;

const $ = (id) => document.getElementById(id);
const [asks, own, typed] = [$("which-badge"), $("own"), $("typed")];
let [token, current, shutting] = ["", null, 0];

function shutIn(time) {
  clearTimeout(shutting);
  shutting = setTimeout(shut, time);
}

/** Everything of the badge goes from the page. */
function shut() {
  clearTimeout(shutting);
  [token, current] = ["", null];
  for (const dialog of [asks, typed, own]) dialog.close();
  $("own-clips").replaceChildren();
}

async function post(path, message) {
  const answer = await fetch(`${path}?lang=${own.dataset.lang}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function complain(text) {
  $("own-failed").textContent = text;
  $("own-failed").hidden = text === "";
}

// --- what is shown

async function show(badge) {
  asks.close();
  $("own-clips").replaceChildren();
  complain("");
  for (const name of ["own-none", "own-not-asked"]) $(name).hidden = true;
  try {
    const told = await post("/own", { badge });
    token = told.token;
    $("own-not-asked").hidden = told.asked;
    $("own-none").hidden = told.clips.length > 0;
    $("own-clips").replaceChildren(...told.clips.map(row));
  } catch (error) {
    complain(error.message);
  }
  if (!own.open) own.showModal();
  $("own-title").focus();
  shutIn(SHOWN_FOR);
}

function row(clip) {
  const item = $("own-clip").content.firstElementChild.cloneNode(true);
  item.dataset.clip = clip.clip;
  item.querySelector(".when").textContent = clip.when;
  said(item, clip.said);
  item.querySelector(".events").replaceChildren(...clip.events.map((event) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "act event";
    button.dataset.incident = event.incident;
    const [number, about] = ["b", "span"].map((name) => document.createElement(name));
    [number.textContent, about.textContent] = [event.number, event.about];
    button.append(number, about);
    return button;
  }));
  return item;
}

function said(item, words) {
  const line = item.querySelector(".said");
  const before = line.textContent.replace(/^✓ /, "").split(" · ").filter(Boolean);
  const all = [...new Set([...before, ...words])];
  line.textContent = all.length ? `✓ ${all.join(" · ")}` : "";
}

// --- what is said

async function choose(item, what, value) {
  shutIn(SHOWN_FOR);
  try {
    const told = await post("/choose", { token, clip: item.dataset.clip, what, value });
    complain("");
    said(item, [told.said]);
    for (const event of item.querySelectorAll(".event")) {
      if (event.dataset.incident === value) event.remove();
    }
  } catch (error) {
    complain(error.message);
  }
  typed.close();
}

$("which").addEventListener("click", () => {
  asks.showModal();
  shutIn(WAITS_FOR);
});
document.addEventListener("badge", (event) => {
  if (!asks.open) return shut(); // the next in the row takes a camera
  event.preventDefault();
  show(event.detail);
});
own.addEventListener("click", (event) => {
  shutIn(SHOWN_FOR);
  const item = event.target.closest("li");
  const chosen = event.target.closest(".event");
  if (chosen) return choose(item, "incident", chosen.dataset.incident);
  if (!event.target.closest(".other")) return;
  current = item;
  $("typed-when").textContent = item.querySelector(".when").textContent;
  $("typed-number").value = "";
  typed.showModal();
});
typed.addEventListener("click", (event) => {
  shutIn(SHOWN_FOR);
  const number = $("typed-number");
  const { target } = event;
  if (target.closest(".key")) number.value = (number.value + target.textContent).slice(0, LONGEST);
  else if (target.id === "rub") number.value = number.value.slice(0, -1);
  else if (target.id === "record") choose(current, "number", number.value);
  else if (target.dataset.code) choose(current, "code", target.dataset.code);
  else if (target.id === "back") typed.close();
});
for (const button of document.querySelectorAll(".shut")) button.addEventListener("click", shut);
own.addEventListener("close", shut);
