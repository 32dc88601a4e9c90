// Has the charts of a report drawn where they are not yet, and shows each as soon as it is.

const SECONDS_BETWEEN = 1;
const MOST_TRIES = 45;

function show(place) {
  place.replaceWith(place.querySelector("template").content.cloneNode(true));
}

async function wait(place) {
  for (let nth = 0; nth < MOST_TRIES; nth += 1) {
    await new Promise((go) => setTimeout(go, SECONDS_BETWEEN * 1000));
    const answer = await fetch(place.dataset.chart, { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === 200) return show(place);
  }
  const said = place.querySelector("[data-late]");
  said.textContent = said.dataset.late;
}

const form = document.querySelector("form[data-draw-charts]");
if (form) {
  form.hidden = true;
  const asked = { method: "POST", body: new FormData(form), credentials: "same-origin" };
  fetch(form.action, asked)
    .then(() => document.querySelectorAll("[data-chart]").forEach(wait))
    .catch(() => {
      form.hidden = false;
    });
}
