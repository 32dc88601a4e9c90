// Keys that press a button: only while the focus is inside the same [data-keys], so that no stray letter does anything.
//
// <form data-keys> … <button data-key="1">Negative</button>

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, textarea, select")) return;
  const around = event.target.closest("[data-keys]");
  const button = around && around.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
