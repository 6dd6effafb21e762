// What every page does beyond its HTML: local times, and copy buttons.

const two = (number) => String(Math.abs(number)).padStart(2, "0");

/** "2026-11-23 13:48:44 +08:00": the reader's own time, with the zone said. */
function localTime(moment) {
  const minutes = -moment.getTimezoneOffset();
  const zone = minutes === 0
    ? "UTC"
    : `${minutes < 0 ? "−" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(":");
  return `${day} ${time} ${zone}`;
}

/** Shows the times under *root* in the reader's zone; UTC stays in reach as the title. */
export function localiseTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    element.title = element.textContent;
    element.textContent = localTime(moment);
  }
}

async function copy(button) {
  const word = button.querySelector("span");
  const before = word.textContent;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  word.textContent = button.dataset.done;
  setTimeout(() => { word.textContent = before; }, 2000);
}

localiseTimes(document);
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard; // absent on plain http other than loopback
  button.addEventListener("click", () => copy(button));
}
