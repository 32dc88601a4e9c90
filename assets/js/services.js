// Where several services can be chosen, shows the questions about the chosen one; without script all stand there, by service.

function show(form) {
  const groups = form.querySelectorAll("[data-service]");
  if (!groups.length) return;
  const chosen = form.querySelector("[name=service]:checked");
  groups.forEach((group) => (group.hidden = !chosen || group.dataset.service !== chosen.value));
}

function watch(form) {
  form.addEventListener("input", () => show(form));
  show(form);
}

document.querySelectorAll("form").forEach(watch);
// A form that the server gave back without a new page.
document.addEventListener("shown", (event) => event.target.querySelectorAll("form").forEach(watch));
