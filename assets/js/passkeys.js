// Passkeys: a form with data-passkey asks the browser for one, puts the answer into its field and goes on as any form.
// Without script, or where the browser has none, the form stays hidden, and the code from the app remains.

const toBytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const read = (known) => ({ ...known, id: toBytes(known.id) });

/** What the browser is asked, with bytes where the server wrote text. */
function asked(form) {
  const options = JSON.parse(form.dataset.passkey);
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = options.excludeCredentials.map(read);
  if (options.allowCredentials) options.allowCredentials = options.allowCredentials.map(read);
  return options;
}

/** The browser's answer, with text where it has bytes. */
function said(key) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[name]) response[name] = toText(key.response[name]);
  }
  if (key.response.getTransports) response.transports = key.response.getTransports();
  return JSON.stringify({ id: key.id, rawId: toText(key.rawId), type: key.type, response });
}

async function ask(form, event) {
  const field = form.elements.credential;
  const name = form.elements.name;
  // What the server will not take is not asked for.
  if (field.value || (name && !name.value.trim())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const publicKey = asked(form);
    const found = await (publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    field.value = said(found);
  } catch (error) {
    problem.hidden = false;
    problem.focus();
    return;
  }
  form.requestSubmit ? form.requestSubmit() : form.submit();
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => ask(form, event), true);
    // Back from the next page, what was answered before answers nothing any more.
    window.addEventListener("pageshow", (event) => event.persisted && (form.elements.credential.value = ""));
  });
}
document.querySelectorAll("[data-without-passkey]").forEach((words) => {
  words.hidden = Boolean(window.PublicKeyCredential);
});
