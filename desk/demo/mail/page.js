// Brings the list up to date every few seconds without touching what is being typed below it.
const list = document.querySelector("[data-watch]");

async function refresh() {
  if (document.hidden || list.contains(document.activeElement)) return;
  const answer = await fetch("/demo/mail", { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-watch]");
  if (fresh && fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
}

if (list) setInterval(() => refresh().catch(() => {}), 3000);
