// Keys in tables and lists with `data-list`: `j` and `k` move between its rows, `e` moves to the next failed one (`data-failed`),
// Enter opens the focused one, Escape leaves the list. The first link of a row stands for it.
(() => {
  const editable = (element) => element && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));
  const rows = () => [...document.querySelectorAll("table[data-list] tbody tr, ol[data-list] > li")].filter((row) => row.querySelector("a[href]"));

  const move = (all, from, step, fits) => {
    for (let at = from + step; at >= 0 && at < all.length; at += step) {
      if (fits(all[at])) {
        const link = all[at].querySelector("a[href]");
        link.focus();
        all[at].scrollIntoView({ block: "nearest" });
        return true;
      }
    }
    return false;
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (editable(event.target) || document.querySelector("dialog[open]")) return;
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const any = () => true;
    let moved = false;
    switch (event.key) {
      case "j": moved = move(all, at, 1, any); break;
      case "k": moved = at > 0 && move(all, at, -1, any); break;
      case "e": moved = move(all, at, 1, (row) => "failed" in row.dataset); break;
      case "Escape": if (at >= 0) document.activeElement.blur(); break;
    }
    if (moved) event.preventDefault();
  });
})();
