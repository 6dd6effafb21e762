// Keeps the board as the station tells it: text only, never markup.

const slots = document.getElementById("slots");
const spoken = document.getElementById("spoken");
const blank = document.getElementById("slot").content.firstElementChild;

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function paint(node, tile) {
  if (node.dataset.word !== tile.word) {
    node.dataset.word = tile.word;
    node.querySelector("use").setAttribute("href", `/static/signs.svg#${tile.word}`);
    write(spoken, `${tile.slot}: ${tile.text}`);
  }
  node.querySelector("progress").value = tile.percent;
  for (const field of node.querySelectorAll("[data-field]")) write(field, tile[field.dataset.field]);
}

function place(tile, position) {
  let node = slots.children[position];
  if (!node || node.dataset.slot !== tile.slot) {
    node = [...slots.children].find((each) => each.dataset.slot === tile.slot) ?? fresh(tile);
    slots.insertBefore(node, slots.children[position] ?? null);
  }
  paint(node, tile);
}

function fresh(tile) {
  const node = blank.cloneNode(true);
  node.dataset.slot = tile.slot;
  node.querySelector("progress").setAttribute("aria-label", tile.slot);
  return node;
}

function show(board) {
  board.tiles.forEach(place);
  while (slots.children.length > board.tiles.length) slots.lastElementChild.remove();
  document.getElementById("none").hidden = board.tiles.length > 0;
  write(document.getElementById("totals"), board.totals);
  const problems = document.getElementById("problems");
  problems.hidden = board.problems.length === 0;
  const lines = board.problems.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  });
  if (problems.textContent.trim() !== board.problems.join("")) problems.replaceChildren(...lines);
}

const events = new EventSource(document.body.dataset.events);
events.onmessage = (event) => show(JSON.parse(event.data));
events.onopen = () => { document.getElementById("lost").hidden = true; };
events.onerror = () => { document.getElementById("lost").hidden = false; };
