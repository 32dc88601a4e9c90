// Beside an address that must be kept: one button copies it, one prints the page. Without script it is text to copy.

function put(after, words, deed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary";
  button.textContent = words;
  button.addEventListener("click", () => deed(button));
  after.append(button);
}

/** Copies what an element says; also where the page did not come over TLS, and the clipboard is not to be had. */
function copy(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand("copy");
}

document.querySelectorAll("[data-copy]").forEach((element) => {
  const group = document.createElement("div");
  group.className = "govuk-button-group app-no-print";
  group.setAttribute("aria-live", "polite");
  put(group, element.dataset.copy, (button) => {
    if (copy(element)) button.textContent = element.dataset.copied;
  });
  put(group, element.dataset.print, () => window.print());
  element.after(group);
});
