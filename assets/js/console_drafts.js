// What is being typed on a case's page, kept in this tab until it is sent: a click on a tag, or another form of the page
// being sent, loses nothing. It ends with signing out, and nobody else who signs in here sees it. So it is on the page
// behind a provider's link, where the link stands for the member: another link, or anybody signing in, ends it.
//
// <form data-typed="member:reference:what the form does">…<textarea name="…">…</form>, <form data-ends-typed>

const PREFIX = "typed:";
const keyOf = (form, field) => `${PREFIX}${form.dataset.typed}:${field.name}`;

function drop(isOver) {
  Object.keys(sessionStorage)
    .filter((key) => key.startsWith(PREFIX) && isOver(key))
    .forEach((key) => sessionStorage.removeItem(key));
}

function keep(form, field, isSent = false) {
  const key = keyOf(form, field);
  if (field.value.trim()) sessionStorage.setItem(key, JSON.stringify({ text: field.value, isSent }));
  else sessionStorage.removeItem(key);
}

function begin(form) {
  form.querySelectorAll("textarea").forEach((field) => {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(form, field)));
    if (kept && !field.value) {
      field.value = kept.text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      const around = field.closest("details");
      if (around) around.open = true;
    }
    // Also what the server gave back with a mistake.
    keep(form, field);
    field.addEventListener("input", () => keep(form, field));
  });
  form.addEventListener("submit", () => form.querySelectorAll("textarea").forEach((field) => keep(form, field, true)));
}

try {
  document.querySelectorAll("form[data-ends-typed]").forEach((form) => {
    const isSigningIn = form.dataset.endsTyped === "now";
    if (isSigningIn) drop(() => true);
    else form.addEventListener("submit", () => drop(() => true));
  });
  // What was sent is forgotten once the server says that it was taken, not before: a line may fail.
  const isTaken = document.querySelector(".govuk-notification-banner--success");
  if (isTaken) drop((key) => JSON.parse(sessionStorage.getItem(key)).isSent);
  // Where the address says it, it says it once: opened again it would take what was sent since for taken as well.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    address.searchParams.delete("done");
    history.replaceState(history.state, "", address);
  }
  const forms = document.querySelectorAll("form[data-typed]");
  if (forms.length) {
    const member = `${PREFIX}${forms[0].dataset.typed.split(":")[0]}:`;
    drop((key) => !key.startsWith(member));
  }
  forms.forEach(begin);
} catch (error) {
  // Nothing can be kept here; the forms work all the same.
}
