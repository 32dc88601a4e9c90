// Has the charts of a report drawn where they are not yet, and shows each as soon as it is.
//
// A picture is known by its data. Where the data changed between loading the page and drawing (a comment was read
// meanwhile), this page's picture never comes: after some tries the charts are taken from the page as it is by then.

const SECONDS_BETWEEN = 1;
const TRIES = 8;
const ROUNDS = 5;

const pause = () => new Promise((go) => setTimeout(go, SECONDS_BETWEEN * 1000));

const waiting = () => Array.from(document.querySelectorAll("[data-chart]"));

function show(place) {
  place.replaceWith(place.querySelector("template").content.cloneNode(true));
}

async function lookFor(place) {
  const answer = await fetch(place.dataset.chart, { credentials: "same-origin" }).catch(() => null);
  if (answer && answer.status === 200) show(place);
}

function ask(form) {
  return fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
}

// Puts the charts of the page as it is now in the place of those that still wait; returns its form, if it has one.
async function renew() {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  waiting().forEach((place) => {
    const chart = place.closest("[data-chart-name]");
    const newer = page.querySelector(`[data-chart-name="${chart.dataset.chartName}"]`);
    if (newer) chart.replaceWith(document.importNode(newer, true));
  });
  return page.querySelector("form[data-draw-charts]");
}

async function draw(first) {
  let form = first;
  for (let round = 0; form && round < ROUNDS; round += 1) {
    await ask(form);
    for (let nth = 0; waiting().length && nth < TRIES; nth += 1) {
      await pause();
      await Promise.all(waiting().map(lookFor));
    }
    if (!waiting().length) return;
    form = await renew();
  }
  document.querySelectorAll("[data-late]").forEach((said) => {
    said.textContent = said.dataset.late;
  });
}

const form = document.querySelector("form[data-draw-charts]");
if (form) {
  form.hidden = true;
  draw(form).catch(() => {
    form.hidden = false;
  });
}
