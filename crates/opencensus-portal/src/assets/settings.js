// Imports a file without leaving the page.
const form = document.querySelector("form.import");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = form.elements.file.files[0];
  const result = form.querySelector("[data-result]");
  result.textContent = "Importing…";
  const response = await fetch(`/api/v1/import?${new URLSearchParams({ name: file.name })}`, {
    method: "POST",
    headers: { "x-portal-token": form.dataset.token },
    body: file,
  });
  const report = await response.json();
  result.textContent = response.ok
    ? `${report.imported} items imported, ${report.refused} refused`
    : `Not imported: ${report.error}`;
});
