// Puts the chosen phrase into the answer where the cursor is. Without a script the button asks the server for the same.
//
// <div data-phrases="id of the text area"><select>… <option data-text="…"> …</select><button>…</button></div>

function put(field, text) {
  const start = field.selectionStart;
  const before = field.value.slice(0, start);
  const after = field.value.slice(field.selectionEnd);
  // A line of its own, unless it begins the answer.
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  field.value = before + gap + text + after;
  field.selectionStart = field.selectionEnd = before.length + gap.length + text.length;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.querySelectorAll("[data-phrases]").forEach((group) => {
  const field = document.getElementById(group.dataset.phrases);
  const choice = group.querySelector("select");
  if (!field || !choice) return;
  group.querySelector("button").addEventListener("click", (event) => {
    event.preventDefault();
    const text = choice.selectedOptions[0].dataset.text;
    if (text) put(field, text);
  });
});
