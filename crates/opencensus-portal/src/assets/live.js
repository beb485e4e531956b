// Updates the list when new requests arrive. The page also works without this script.
const rows = document.querySelector("tbody[data-live]");
if (rows && "EventSource" in window) {
  let busy = false;
  let again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" } });
      // The server escapes all values, and DOMParser runs no scripts.
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
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
  // Requests may have arrived before the stream was open, also after a reconnect.
  events.addEventListener("open", refresh);
}
