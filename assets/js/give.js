// The form without a line: keeps what is written, sends it so that nothing is lost when it does not get through, and says so.
// Without script, or where the browser keeps nothing for pages, it is a form as any other.
import { dropDraft, draftOf, isUntouched, keepDraft, saveDraft } from "./draft.js";
import { alone, deliver } from "./sending.js";
import { asFile, find, forget, keep, packed } from "./offline_queue.js";
import { later, show } from "./waiting.js";

const able = Boolean(window.indexedDB && window.AbortController && window.fetch);
let isSending = false;

/** A key as the server makes them: a page kept on the device has none, since each draft needs its own. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

/** The draft's key, in the form and in the history: going back to what was sent must find the same one. */
function setKey(form, key) {
  form.elements.key.value = key;
  history.replaceState({ key }, "");
}

function cameBack() {
  const [visit] = performance.getEntriesByType("navigation");
  return Boolean(visit && visit.type === "back_forward" && history.state && history.state.key);
}

/** Writes what was answered before into a form; its hidden fields are the page's own, but for the key. */
function fill(form, fields) {
  for (const field of form.elements) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (field.type === "file") putFiles(field, values);
    else if (values.length && field.name === "key") setKey(form, values[0]);
    else if (values.length && field.type !== "hidden") field.value = values[0];
    else continue;
    field.dispatchEvent(new Event(field.type === "file" ? "change" : "input", { bubbles: true }));
  }
}

function putFiles(field, values) {
  if (!values.length) return;
  try {
    const chosen = new DataTransfer();
    values.forEach((value) => chosen.items.add(asFile(value)));
    field.files = chosen.files;
  } catch (error) {
    // An older browser lets nobody choose files but people.
  }
}

const isFile = ([, value]) => typeof value !== "string";

/** The files of an earlier try that the server keeps for a while, named in the form: for when it keeps them no more. */
async function spareFiles(form, key) {
  const wanted = form.querySelectorAll("[name=kept]:checked").length;
  const before = wanted && (await find(key));
  const files = before && before.fields ? [...before.fields.filter(isFile), ...(before.spare || [])] : [];
  return files.length === wanted ? files : [];
}

function offerDraft(form, fields) {
  fill(form, fields);
  if (isUntouched(form)) return dropDraft(form);
  const offer = document.querySelector("template[data-of=draft]").content.firstElementChild.cloneNode(true);
  offer.querySelector("button").addEventListener("click", () => {
    dropDraft(form);
    form.reset();
    setKey(form, newKey());
    form.querySelectorAll("textarea").forEach((field) => field.dispatchEvent(new Event("input")));
    offer.remove();
    show();
    document.querySelector("main").focus();
  });
  form.before(offer);
}

/** Everything in the form that can be read, for the note that it waits. */
function wordsOf(form) {
  const fields = Array.from(form.querySelectorAll("textarea, input[type=text], input[type=email], input[type=tel]"));
  return fields.map((field) => field.value.trim()).filter(Boolean).join("\n");
}

function pageOf(form) {
  const address = new URL(location.href);
  address.searchParams.delete("draft");
  return address.pathname + address.search;
}

function busy(form, is) {
  const button = form.querySelector("button[type=submit]:not([name])");
  if (is) {
    button.dataset.words = button.textContent;
    button.textContent = form.dataset.sending;
    button.setAttribute("aria-disabled", "true");
  } else if (button.dataset.words) {
    button.textContent = button.dataset.words;
    button.removeAttribute("aria-disabled");
  }
  isSending = is;
}

async function send(form) {
  busy(form, true);
  const { instead } = form.dataset;
  let isBlank;
  const item = {
    key: form.elements.key.value,
    state: "waiting",
    site: form.dataset.site,
    page: pageOf(form),
    action: form.action,
    about: document.querySelector("h1").textContent.trim(),
    words: wordsOf(form),
    at: Date.now(),
  };
  try {
    // First of all it is kept: whatever happens to line, page or phone, it is there.
    item.fields = await packed(form);
    isBlank = isUntouched(form) && !form.dataset.again && !item.fields.some(isFile);
    item.spare = await spareFiles(form, instead || item.key);
    await keep(item);
    if (instead) await forget(instead);
  } catch (error) {
    return HTMLFormElement.prototype.submit.call(form);
  }
  dropDraft(form);

  const answer = await alone(() => deliver(item));
  if (answer.state === "sent") {
    await forget(item.key);
    location.assign(answer.receipt);
  } else if (answer.state === "waiting") {
    busy(form, false);
    await wait(form, item);
  } else if (answer.status === 422 || answer.status === 409) {
    busy(form, false);
    // Where nothing is written, nothing is kept, or it would be told of later as not sent.
    if (isBlank) await forget(item.key);
    showAgain(form, answer.html, item.key, isBlank);
  } else {
    // The server has a page that says why.
    HTMLFormElement.prototype.submit.call(form);
  }
}

async function wait(form, item) {
  form.hidden = true;
  document.querySelectorAll(".govuk-error-summary, main > .govuk-inset-text").forEach((part) => part.remove());
  await show({ here: item.key, focus: item.key });
  later();
  if (navigator.serviceWorker && "SyncManager" in window) {
    navigator.serviceWorker.ready.then((ready) => ready.sync.register("send")).catch(() => {});
  }
}

/** The form as the server gave it back, with what is wrong. */
function showAgain(form, html, key, isBlank) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = document.adoptNode(page.querySelector("main"));
  const again = main.querySelector("form[data-site]");
  // The fields for files begin empty: what was good is kept by the server, and what it refused must not be sent again.
  if (again.elements.key.value !== key) again.dataset.instead = key;
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  begin(again, again.elements.key.value);
  if (!isBlank) {
    again.dataset.again = "yes";
    // Whoever leaves now, for another language say, finds it again.
    keepDraft(again);
  }
  main.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
}

function begin(form, key) {
  setKey(form, key);
  form.addEventListener("input", () => saveDraft(form));
}

async function start(form) {
  begin(form, cameBack() ? history.state.key : form.elements.key.value || newKey());
  const mending = sessionStorage.getItem("mending");
  sessionStorage.removeItem("mending");
  const item = mending && (await find(mending));
  if (item && item.fields && item.site === form.dataset.site) {
    fill(form, [...item.fields, ...(item.spare || [])]);
    // The server says again what is wrong, in its own words.
    return send(form);
  }
  const draft = draftOf(form);
  if (draft && isUntouched(form) && !document.querySelector(".govuk-error-summary")) offerDraft(form, draft);
}

const form = document.querySelector("form[data-site]");
if (form && able) {
  document.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      if (!event.target.matches("form[data-site]") || (button && (button.name || button.hasAttribute("formaction")))) return;
      event.preventDefault();
      if (!isSending) send(event.target);
    },
    true,
  );
  // Back from the receipt, the browser may show this page as it was left.
  window.addEventListener("pageshow", (event) => event.persisted && busy(document.querySelector("form[data-site]"), false));
  start(form).catch(() => {});
}
