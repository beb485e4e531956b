// Puts new rows into the page as they arrive. The page works without this.
const rows = document.querySelector("tbody[data-live]");
if (rows && "EventSource" in window) {
  let busy = false;
  let again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      // The server escapes everything; a parsed document runs no script.
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of ["tbody[data-live]", "[data-total]", "[data-hint]"]) {
        const fresh = page.querySelector(part);
        const old = document.querySelector(part);
        if (fresh && old) old.replaceWith(fresh);
      }
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };
  const events = new EventSource("/live");
  events.addEventListener("items", refresh);
  // What came before the stream was open, at first and after every break.
  events.addEventListener("open", refresh);
}
