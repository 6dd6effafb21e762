// A hint's time, clicked, is where the player goes.

const bar = document.querySelector("evidence-player .position");

for (const button of document.querySelectorAll(".hints [data-at]")) {
  button.addEventListener("click", () => {
    if (!bar || bar.disabled) return;
    bar.value = button.dataset.at;
    bar.dispatchEvent(new Event("input"));
    bar.closest("evidence-player").scrollIntoView({ block: "nearest" });
  });
}
