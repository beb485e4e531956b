// New rows of the search. At the top of its first page they slide in; while the user reads further down, is inside the
// list or has paused, a button shows their number. Without this script the page has a link "Refresh".
(() => {
  const results = () => document.getElementById("search-results");
  const controls = () => document.querySelector(".controls");
  if (!controls()?.dataset.count || !("EventSource" in window)) return;

  const pause = document.querySelector("button.pause");
  if (pause) pause.hidden = false;
  const paused = () => pause?.getAttribute("aria-pressed") === "true";
  const reads = () => scrollY > 80 || results().contains(document.activeElement) || "older" in controls().dataset;
  const status = document.querySelector("[role=status]");

  // The server escapes all values, and DOMParser runs no scripts.
  const show = async () => {
    const response = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const [old, fresh] = [results(), page.getElementById("search-results")];
    if (!fresh) return;
    const known = new Set([...old.querySelectorAll("tr[data-id]")].map((row) => row.dataset.id));
    for (const row of known.size ? fresh.querySelectorAll("tr[data-id]") : []) {
      if (!known.has(row.dataset.id)) row.classList.add("arrived");
    }
    // Facets that were open stay open.
    const [open, facets] = [old.querySelector(".facets[open]"), fresh.querySelector(".facets")];
    if (open && facets) facets.open = true;
    old.replaceWith(fresh);
  };

  const offer = (count) => {
    const button = document.querySelector("button.new-items");
    if (!button) return;
    const text = `${count.toLocaleString("en")} new`;
    if (button.hidden && status) status.textContent = text;
    button.textContent = text;
    button.hidden = count === 0;
  };

  let busy = false;
  let again = false;
  const arrived = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const response = await fetch(controls().dataset.count);
      const count = response.ok ? (await response.json()).count : 0;
      if (count > 0 && !paused() && !reads()) await show();
      else offer(count);
    } catch { /* The portal is being stopped; the stream reconnects. */ } finally {
      // A busy application would otherwise make the page load itself all the time.
      setTimeout(() => {
        busy = false;
        if (again) { again = false; arrived(); }
      }, 1000);
    }
  };

  document.addEventListener("click", async (event) => {
    if (!event.target.closest?.("button.new-items")) return;
    if ("older" in controls().dataset) { location.href = controls().dataset.first; return; }
    await show();
    scrollTo(0, 0);
    document.querySelector("[data-list] tbody a")?.focus({ preventScroll: true });
  });
  pause?.addEventListener("click", () => setTimeout(arrived));
  addEventListener("scroll", () => { if (scrollY <= 80 && !document.querySelector("button.new-items")?.hidden) arrived(); }, { passive: true });
  addEventListener("focusout", () => setTimeout(() => { if (!document.querySelector("button.new-items")?.hidden) arrived(); }));

  document.addEventListener("portal-items", arrived);
})();
