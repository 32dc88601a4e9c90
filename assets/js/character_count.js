// Says while typing how many characters are left; the limit itself stands in the hint and is kept by the server.
//
// <textarea data-limit="2000" data-left="Characters left: {n}" data-over="Characters too many: {n}">

import { locale } from "./locale.js";

const PAUSE = 1000; // ms of quiet before a screen reader hears the count

/** Characters as the server counts them: code points, a line break being one. */
export function length(text) {
  return Array.from(text.replace(/\r\n?/g, "\n")).length;
}

function watch(field) {
  const limit = Number(field.dataset.limit);
  const seen = document.createElement("p");
  seen.className = "govuk-hint govuk-character-count__message";
  seen.setAttribute("aria-hidden", "true");
  const heard = document.createElement("p");
  heard.className = "govuk-visually-hidden";
  heard.setAttribute("aria-live", "polite");

  let timer;
  function show() {
    if (!seen.isConnected) field.after(seen, heard);
    const left = limit - length(field.value);
    const words = left < 0 ? field.dataset.over : field.dataset.left;
    seen.textContent = words.replace("{n}", Math.abs(left).toLocaleString(locale));
    seen.classList.toggle("govuk-error-message", left < 0);
    seen.classList.toggle("govuk-hint", left >= 0);
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Far from the limit the count is only noise to those who listen.
      heard.textContent = left < limit / 4 ? seen.textContent : "";
    }, PAUSE);
  }
  field.addEventListener("input", show);
  // An empty field moves nothing on a page that is seen already.
  if (field.value) show();
}

document.querySelectorAll("[data-limit]").forEach(watch);
// A form that the server gave back without a new page.
document.addEventListener("shown", (event) => event.target.querySelectorAll("[data-limit]").forEach(watch));
