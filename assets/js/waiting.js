// Says on every page of residents what waits on this device, was refused, or has arrived since; the words are the page's.
import { locale } from "./locale.js";
import { sendWaiting } from "./sending.js";
import { all, forget, tell, whenTold } from "./offline_queue.js";

const FIRST_PAUSE = 15000; // ms before what did not get through is tried again; each time twice as long
const LONGEST_PAUSE = 300000;
const RECEIPT_LASTS = 24 * 3600 * 1000;
const NOTE_LASTS = 30 * RECEIPT_LASTS;

let pause = FIRST_PAUSE;
let timer;

const time = (moment) => new Date(moment).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });

/** What holds of an item, of the cases that its template knows. */
function holds(item, here) {
  const known = [422, 409].includes(item.status);
  const sync = "SyncManager" in window && Boolean(navigator.serviceWorker && navigator.serviceWorker.controller);
  const isFresh = item.sent > Date.now() - RECEIPT_LASTS;
  return { [known ? item.status : "other"]: true, sync, page: !sync, here: item.key === here, receipt: isFresh, track: !isFresh };
}

const standing = (item) => [item.state, item.status].join(" ");

function noteOf(item, here) {
  const note = document.createElement("div");
  note.className = "app-unsent";
  note.dataset.key = item.key;
  note.dataset.stands = standing(item);
  note.append(document.querySelector(`template[data-of="${item.state}"]`).content.cloneNode(true));

  const holding = holds(item, here);
  note.querySelectorAll("[data-if]").forEach((part) => holding[part.dataset.if] || part.remove());
  const says = { about: item.about, at: time(item.at), words: item.words, reference: item.reference };
  note.querySelectorAll("[data-fill]").forEach((part) => {
    const what = part.dataset.fill;
    if (what in says) part.textContent = says[what];
    else part.href = item[what];
  });
  note.querySelectorAll("[data-page]").forEach((link) => (link.href = item.page));
  if (!item.words) note.querySelectorAll("details [data-fill=words]").forEach((part) => part.closest("details").remove());
  return note;
}

function sayTried(note, item) {
  const tried = note.querySelector("[data-tried]");
  if (!tried || !item.tried) return;
  const text = tried.dataset.tried.replace("{time}", time(item.tried));
  if (tried.textContent !== text) tried.textContent = text;
  tried.hidden = false;
}

/** Makes the box say this; what it says already stays where it is, with whatever is open or focused in it. */
function fill(box, items, here) {
  const notes = items.map((item) => {
    const old = Array.from(box.children).find((note) => note.dataset.key === item.key && note.dataset.stands === standing(item));
    const note = old || noteOf(item, here);
    sayTried(note, item);
    return note;
  });
  Array.from(box.children).forEach((note) => notes.includes(note) || note.remove());
  notes.forEach((note, place) => box.children[place] === note || box.insertBefore(note, box.children[place] || null));
}

function box() {
  const main = document.querySelector("main");
  let box = main.querySelector("[data-unsent]");
  if (!box) {
    box = document.createElement("div");
    box.dataset.unsent = "";
    box.setAttribute("aria-live", "polite");
    box.addEventListener("click", (event) => pressed(event).catch(() => show()));
    main.prepend(box);
  }
  return box;
}

async function pressed(event) {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  const { key } = button.closest("[data-key]").dataset;
  if (button.dataset.do === "mend") sessionStorage.setItem("mending", key);
  if (button.dataset.do === "forget") {
    await forget(key);
    tell();
    await show();
    document.querySelector("main").focus();
  }
  if (button.dataset.do === "send" && !button.hasAttribute("aria-disabled")) {
    const words = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.sending;
    await sendWaiting();
    button.removeAttribute("aria-disabled");
    button.textContent = words;
    await show({ focus: key });
  }
}

/** Shows how all stands. here: the key of what was just written on this page; focus: the key of what is to be read first. */
export async function show({ here, focus } = {}) {
  const items = (await all()).sort((a, b) => b.at - a.at);
  for (const old of items.filter((item) => item.sent < Date.now() - NOTE_LASTS)) await forget(old.key);

  // What stands in the form is not told beside it.
  const form = document.querySelector("form[data-site]:not([hidden])");
  const inForm = form ? [form.elements.key.value, form.dataset.instead] : [];
  const told = items.filter((item) => !inForm.includes(item.key));
  const element = box();
  if (here) {
    // It stands in the place of the form.
    element.dataset.here = here;
    document.querySelector("h1").after(element);
  }
  fill(element, told, element.dataset.here);
  const heading = focus && element.querySelector(`[data-key="${focus}"] h2`);
  if (heading) heading.focus();
}

/** Sends what waits and says how it stands; what does not get through is tried again while this page is open. */
export async function tryAll() {
  clearTimeout(timer);
  await show();
  const left = await sendWaiting();
  await show();
  if (left) later();
}

export function later() {
  clearTimeout(timer);
  timer = setTimeout(() => tryAll().catch(() => {}), pause);
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

function now() {
  // A browser that keeps nothing for pages has nothing that waits.
  if (document.visibilityState === "visible") tryAll().catch(() => {});
}

if (window.indexedDB && document.querySelector("template[data-of=waiting]")) {
  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", now);
  document.addEventListener("shown", () => show().catch(() => {}));
  whenTold(() => show().catch(() => {}));
  now();
}
