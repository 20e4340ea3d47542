// Keeps the phone up to date and sends its forms without leaving the page. Without this script
// everything works by loading the page again.
const EVERY = 1000;
const chat = document.querySelector('[data-watch="chat"]');
const told = document.querySelector("[data-told]");

/** Takes over what changed, child by child, so that focus, scrolling and open details stay. */
function renew(box, fresh) {
  const known = new Map([...box.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one]));
  const wanted = [...fresh.querySelectorAll("[data-key]")];
  const list = known.values().next().value?.parentElement ?? box;
  const target = list.matches("[data-watch], ul") ? list : box;
  let last = null;
  for (const one of wanted) {
    const old = known.get(one.dataset.key);
    known.delete(one.dataset.key);
    let here = old ?? one;
    if (old?.tagName === "DETAILS") one.open = old.open;
    if (old && !old.isEqualNode(one)) {
      old.replaceWith(one);
      here = one;
    }
    if (last ? last.nextElementSibling !== here : target.firstElementChild !== here) {
      if (last) last.after(here);
      else target.prepend(here);
    }
    last = here;
  }
  for (const old of known.values()) old.remove();
  for (const [name, value] of Object.entries(fresh.dataset)) box.dataset[name] = value;
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const atEnd = chat && chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  for (const box of document.querySelectorAll("[data-watch]")) {
    const fresh = page.querySelector(`[data-watch="${box.dataset.watch}"]`);
    if (fresh) renew(box, fresh);
  }
  const said = page.querySelector("[data-told]")?.textContent ?? "";
  if (told && said) {
    told.textContent = said;
    told.hidden = false;
  }
  if (chat && atEnd) chat.scrollTop = chat.scrollHeight;
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
  if (answer.ok) show(await answer.text());
  if (Number(chat?.dataset.unread) > 0) await act(new URLSearchParams({ act: "read" }));
}

async function act(body) {
  const answer = await fetch(location.pathname, { method: "POST", body, headers: { accept: "text/html" } });
  if (answer.ok) show(await answer.text());
  return answer.ok;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  const text = form.matches("[data-write]") ? form.querySelector("textarea") : null;
  if (text && !text.value.trim() && !form.querySelector("input[type=file]").files.length) return;
  if (text) form.reset();
  const body = text ? fields : new URLSearchParams([...fields].map(([name, value]) => [name, String(value)]));
  await act(body).catch(() => false);
  if (chat) chat.scrollTop = chat.scrollHeight;
});

document.querySelector("[data-write] textarea")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

if (chat) chat.scrollTop = chat.scrollHeight;
setInterval(() => refresh().catch(() => {}), EVERY);
refresh().catch(() => {});
