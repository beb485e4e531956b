// Keys of every page: `g` and a letter opens a page, `/` focuses the search box, `?` shows the keys, `p` pauses. The
// theme and the copy buttons need script too; pages also work without it.
const editable = (element) => element && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));

let after_g = false;
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || editable(event.target)) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) return;
  if (after_g) {
    after_g = false;
    const link = document.querySelector(`nav.rail a[data-key="${CSS.escape(event.key)}"]`);
    if (link) { event.preventDefault(); link.click(); }
    return;
  }
  switch (event.key) {
    case "g": after_g = true; setTimeout(() => { after_g = false; }, 1500); break;
    case "/": {
      const box = document.querySelector("input[type=search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); } else { location.href = "/search"; }
      break;
    }
    case "?": document.querySelector("dialog.keys")?.showModal(); break;
    case "p": document.querySelector("button.pause")?.click(); break;
  }
});

document.querySelector("button.help")?.addEventListener("click", () => document.querySelector("dialog.keys").showModal());

// The theme: that of the system, light or dark.
const THEMES = ["system", "light", "dark"];
const theme = document.querySelector("button.theme");
const apply = (name) => {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  if (theme) theme.textContent = `Theme: ${name}`;
};
let current = THEMES.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "system";
apply(current);
theme?.addEventListener("click", () => {
  current = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length];
  localStorage.setItem("theme", current);
  apply(current);
});

// A button beside each text that is made to be copied.
const status = document.querySelector("[role=status]");
for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = "Copied";
    if (status) status.textContent = "Copied to the clipboard";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  text.after(button);
}

for (const scripted of document.querySelectorAll("[data-script]")) scripted.hidden = false;
