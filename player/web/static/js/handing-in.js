// Hands a document in: its bytes as they are, its names beside them; nothing of it is shown here.

const form = document.getElementById("hand-in");

async function handIn() {
  const file = form.querySelector("#hand-in-file").files[0];
  const title = form.querySelector("#hand-in-title").value;
  const answer = await fetch(form.action, {
    method: "POST",
    headers: {
      "Accept": "application/json",
      "Content-Type": "application/octet-stream",
      "X-Evidock-Form": form.dataset.token,
      "Evidock-Title": encodeURIComponent(title),
      "Evidock-Name": encodeURIComponent(file.name),
    },
    body: file,
  });
  if (answer.ok) return null;
  const problem = await answer.json().catch(() => ({}));
  return `${form.dataset.failed} ${problem.detail || answer.status}`;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [button, notice] = [form.querySelector("button"), form.querySelector(".notice")];
  button.disabled = true;
  const failed = await handIn().catch((error) => `${form.dataset.failed} ${error.message}`);
  if (failed === null) {
    location.reload();
    return;
  }
  notice.textContent = failed;
  notice.hidden = false;
  button.disabled = false;
});
