// Moves between the rows of a transaction by keyboard, selects them without a jump of the page, and copies texts. Each of
// these also works by links or by selecting the text.
(() => {
  const rowLinks = () => [...document.querySelectorAll(".waterfall a.row")];
  const selectedRow = () => document.querySelector('.waterfall tr[aria-selected="true"] a.row');

  const showCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("button[data-copy-of]")) button.hidden = false;
  };

  // Replaces the selected item and the parts around it with those of another address of this transaction.
  const show = async (address) => {
    const response = await fetch(address, { headers: { accept: "text/html" } });
    if (!response.ok) { location.href = address; return; }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const old of document.querySelectorAll(".transaction [data-live], .moves, article.item, form.search")) {
      const fresh = old.matches("article.item") ? page.querySelector("article.item")
        : old.matches("form.search") ? page.querySelector("form.search")
        : page.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
      if (fresh && old.isConnected) old.replaceWith(fresh);
    }
    showCopyButtons();
  };

  const select = async (link) => {
    const { id, href } = link;
    history.pushState(null, "", href);
    await show(href);
    document.getElementById(id)?.focus({ preventScroll: true });
  };

  const moveTo = (link) => {
    if (!link) return;
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  };

  // The row that the keys move from: the focused one, or else the selected one.
  const current = (links) => {
    const focused = document.activeElement?.closest?.(".waterfall tbody tr")?.querySelector("a.row");
    return links.indexOf(focused ?? selectedRow());
  };

  const toggle = (links, open) => {
    const row = links[current(links)]?.closest("tr");
    if (row?.getAttribute("aria-expanded") === String(!open)) { row.querySelector("a.toggle").click(); return true; }
    return false;
  };

  const parent = (links) => {
    const at = current(links);
    const level = (link) => Number(link.closest("tr").getAttribute("aria-level"));
    return links.slice(0, Math.max(at, 0)).reverse().find((link) => level(link) < level(links[at]));
  };

  const keys = {
    ArrowDown: (links) => moveTo(links[current(links) + 1]),
    ArrowUp: (links) => moveTo(links[current(links) - 1]),
    Home: (links) => moveTo(links[0]),
    End: (links) => moveTo(links.at(-1)),
    ArrowLeft: (links) => { if (!toggle(links, false)) moveTo(parent(links)); },
    ArrowRight: (links) => { if (!toggle(links, true)) moveTo(links[current(links) + 1]); },
    e: () => document.querySelector('[data-move="next-failure"]')?.click(),
    E: () => document.querySelector('[data-move="previous-failure"]')?.click(),
  };
  Object.assign(keys, { j: keys.ArrowDown, k: keys.ArrowUp, h: keys.ArrowLeft, l: keys.ArrowRight });

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea, pre, dialog, [contenteditable]")) return;
    const links = rowLinks();
    // Outside of the rows, arrows, Home and End scroll the page.
    const isInRows = document.activeElement?.closest?.(".waterfall, .scroll");
    const key = keys[event.key];
    if (!key || !links.length || (event.key.length > 1 && !isInRows)) return;
    event.preventDefault();
    key(links);
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy-of]");
    if (button) {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copyOf).textContent);
      button.textContent = "Copied";
      const status = document.querySelector("[role=status]");
      if (status) status.textContent = "Copied to the clipboard";
      return;
    }
    const link = event.target.closest("a.row, [data-move], .attached a");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = document.getElementById(new URL(link.href).hash.slice(1));
    // A row of another window is on another page.
    if (!row) return;
    event.preventDefault();
    await select({ id: row.id, href: link.href });
    document.getElementById(row.id)?.scrollIntoView({ block: "nearest" });
  });

  // The selected row stays selected when an earlier one arrives.
  const address = new URL(location.href);
  const row = selectedRow()?.closest("tr");
  if (row && !address.searchParams.has("item")) {
    address.searchParams.set("item", row.dataset.key);
    history.replaceState(null, "", address);
  }

  addEventListener("popstate", () => show(location.href));
  showCopyButtons();
})();
