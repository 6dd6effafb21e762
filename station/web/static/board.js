// Keeps the board as the station tells it: text only, never markup.

const LOST_AFTER = 5_000; // ms without a word; the station gives one every half second
const DETAIL_FOR = 60_000; // ms; the board belongs to everybody

const $ = (id) => document.getElementById(id);
const [slots, spoken, detail] = [$("slots"), $("spoken"), $("detail")];
const blank = $("slot").content.firstElementChild;
let tiles = [...slots.children].map((item) => ({ slot: item.firstElementChild.dataset.slot }));
let [opened, closing, watch] = [null, 0, 0];

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function fields(node, tile) {
  for (const field of node.querySelectorAll("[data-field]")) write(field, tile[field.dataset.field]);
}

function paint(item, tile) {
  const node = item.firstElementChild;
  if (node.dataset.word !== tile.word) {
    node.dataset.word = tile.word;
    node.querySelector("use").setAttribute("href", `/static/signs.svg#${tile.word}`);
    write(spoken, `${tile.label || tile.slot}: ${tile.text} ${tile.more}`);
  }
  node.querySelector("progress").value = tile.percent;
  fields(node, tile);
}

function place(tile, position) {
  const is = (item) => item?.firstElementChild.dataset.slot === tile.slot;
  let item = slots.children[position];
  if (!is(item)) {
    item = [...slots.children].find(is) ?? fresh(tile);
    slots.insertBefore(item, slots.children[position] ?? null);
  }
  paint(item, tile);
}

function fresh(tile) {
  const item = blank.cloneNode(true);
  item.firstElementChild.dataset.slot = tile.slot;
  return item;
}

function show(board) {
  tiles = board.tiles;
  tiles.forEach(place);
  while (slots.children.length > tiles.length) slots.lastElementChild.remove();
  slots.dataset.columns = board.columns;
  $("none").hidden = tiles.length > 0;
  write($("totals"), board.totals);
  write($("called"), board.called);
  $("call").hidden = board.called !== "";
  list($("problems"), board.problems);
  if (opened !== null) explain();
}

function list(node, texts) {
  node.hidden = texts.length === 0;
  if ([...node.children].map((line) => line.textContent).join("\n") === texts.join("\n")) return;
  node.replaceChildren(...texts.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
}

// --- one slot, large

function explain() {
  const tile = tiles.find((each) => each.slot === opened);
  if (!tile) return detail.close();
  detail.dataset.word = tile.word;
  fields(detail, tile);
  $("cleared-means").hidden = tile.cleared === "";
  $("unwitnessed-means").hidden = tile.unwitnessed === "";
  $("call-here").hidden = tile.called !== "";
  const [figure, picture] = [detail.querySelector("figure"), detail.querySelector("img")];
  figure.hidden = tile.receipt === "";
  if (picture.alt === tile.receipt) return;
  picture.alt = tile.receipt;
  const of = `${encodeURIComponent(tile.slot)}&of=${encodeURIComponent(tile.receipt)}`;
  if (tile.receipt) picture.src = `/receipt.svg?slot=${of}`;
}

slots.addEventListener("click", (event) => {
  const node = event.target.closest(".slot");
  if (!node || !("word" in (tiles[0] ?? {}))) return; // not heard from the station yet
  opened = node.dataset.slot;
  explain();
  detail.showModal();
  closing = setTimeout(() => detail.close(), DETAIL_FOR);
});
detail.addEventListener("close", () => {
  clearTimeout(closing);
  opened = null;
});
detail.addEventListener("click", (event) => {
  if (event.target === detail) detail.close(); // beside it
});
$("close").addEventListener("click", () => detail.close());

// --- calling

async function call(slot) {
  let problem = "";
  try {
    const answer = await fetch("/call", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ slot }),
    });
    if (!answer.ok) problem = await answer.text();
  } catch (error) {
    problem = String(error.message);
  }
  $("failed").hidden = problem === "";
  write($("failed"), problem && `${$("failed").dataset.says} ${problem}`);
  if (problem) detail.close();
}
$("call").addEventListener("click", () => call(""));
$("call-here").addEventListener("click", () => call(opened));

// --- badges: a reader types a number and Enter, as a keyboard does

const [TYPED_WITHIN, HANDED_FOR] = [2_000, 20_000]; // ms between two keys; ms on the board
const handed = $("handed");
let [typed, forget, shutting] = ["", 0, 0];

async function tap(badge) {
  let [told, problem] = [{}, ""];
  try {
    const answer = await fetch(document.body.dataset.tap, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ badge }),
    });
    if (answer.ok) told = await answer.json();
    else problem = await answer.text();
  } catch (error) {
    problem = String(error.message);
  }
  detail.close();
  write($("handed-place"), problem || told.place);
  for (const name of ["camera", "officer", "out"]) write($(`handed-${name}`), told[name] ?? "");
  handed.dataset.ok = String(problem === "");
  if (!handed.open) handed.showModal();
  clearTimeout(shutting);
  shutting = setTimeout(() => handed.close(), HANDED_FOR);
}

if (document.body.dataset.tap) {
  document.addEventListener("keydown", (event) => {
    clearTimeout(forget);
    if (event.key === "Enter" && typed !== "") {
      event.preventDefault();
      const badge = new CustomEvent("badge", { detail: typed, cancelable: true });
      if (document.dispatchEvent(badge)) tap(typed); // unless the kiosk waited for it
      typed = "";
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      typed = (typed + event.key).slice(-64);
      forget = setTimeout(() => { typed = ""; }, TYPED_WITHIN);
    }
  }, true);
  handed.addEventListener("click", () => handed.close());
}

// --- hearing

function heard() {
  clearTimeout(watch);
  watch = setTimeout(() => lost(true), LOST_AFTER);
  lost(false);
}

function lost(so) { // what is out of date is not shown: somebody would take a camera on its word
  $("lost").hidden = !so;
  slots.hidden = so;
  if (so) {
    detail.close();
    $("none").hidden = true;
  }
}

const events = new EventSource(document.body.dataset.events);
events.onmessage = (event) => {
  heard();
  show(JSON.parse(event.data));
};
events.addEventListener("beat", heard);
events.onerror = () => lost(true);
heard();
