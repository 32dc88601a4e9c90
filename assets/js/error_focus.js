// After a rejected form, moves the focus to the summary of what is wrong, so that it is read first.

function focus(part) {
  const summary = part.querySelector("[data-focus-on-load]");
  if (summary) summary.focus();
}

focus(document);
document.addEventListener("shown", (event) => focus(event.target));
