// Replaces the parts of a page with `data-live` when new items arrive, and applies the scope without its button. Pages
// also work without this script.
const live = () => [...document.querySelectorAll("[data-live]")];

// The server escapes all values, and DOMParser runs no scripts.
const load = async () => {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  // What the page could not find is there now.
  if (response.ok && document.querySelector("[data-absent]")) location.reload();
  return new DOMParser().parseFromString(await response.text(), "text/html");
};

// While the page is paused, it remembers that something arrived.
let paused = false;
let missed = false;
const pause = document.querySelector("button.pause");
pause?.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Paused" : "Live";
  if (!paused && missed) { missed = false; refresh(); }
});

// A part in which text is selected stays, and one that has the focus unless its element with the same id can take it over.
const replace = (old, fresh) => {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const successor = focused?.id ? fresh.querySelector(`#${CSS.escape(focused.id)}`) : null;
  const selection = getSelection();
  if ((focused && !successor) || (!selection.isCollapsed && selection.containsNode(old, true))) return;
  old.replaceWith(fresh);
  successor?.focus({ preventScroll: true });
};

let busy = false;
let again = false;
const refresh = async () => {
  if (paused) { missed = true; return; }
  if (busy) { again = true; return; }
  busy = true;
  const begin = performance.now();
  try {
    const address = location.href;
    const page = await load();
    // The reader went on in the meantime.
    if (address !== location.href) { again = true; return; }
    for (const old of live()) {
      const fresh = page.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
      if (fresh && !old.isEqualNode(fresh)) replace(old, fresh);
    }
  } finally {
    // The portal makes this page at most a fifth of the time: what takes it long is loaded less often.
    setTimeout(() => {
      busy = false;
      if (again) { again = false; refresh(); }
    }, 4 * (performance.now() - begin));
  }
};

// Every page has the banner of faults, which new items do not change.
const follows = () => live().some((part) => part.dataset.live !== "fault");

// Announces what the stream does to the other scripts of the page.
const announce = (name) => document.dispatchEvent(new CustomEvent(`portal-${name}`));

// The stream is open while the page is visible: browsers allow six connections to a host, which all tabs share.
let events = null;
let opened = false;
const listen = () => {
  if (document.hidden) { events?.close(); events = null; return; }
  if (events) return;
  events = new EventSource("/live");
  events.addEventListener("items", () => { announce("items"); if (follows()) refresh(); });
  events.addEventListener("faults", () => { announce("items"); refresh(); });
  // Something may have changed before the stream was open, and while it was closed.
  events.addEventListener("open", () => { announce("items"); if (follows() || opened) refresh(); opened = true; });
};
if (live().length && "EventSource" in window) {
  if (pause && follows()) pause.hidden = false;
  // The other scripts of the page listen by then.
  document.addEventListener("DOMContentLoaded", listen);
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => { events?.close(); events = null; });
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
}

for (const picker of document.querySelectorAll("form.scope select")) {
  picker.addEventListener("change", () => picker.form.requestSubmit());
}
const apply_scope = document.querySelector("form.scope button");
if (apply_scope) apply_scope.hidden = true;
