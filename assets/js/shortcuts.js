// Keys that press a button or tick a box: only while the focus is inside the same [data-keys], so that no stray letter
// does anything.
//
// <form data-keys> … <input type="checkbox" data-key="u"> … <button data-key="1">Negative</button>

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const around = event.target.closest("[data-keys]");
  const button = around && around.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
