// "Near me": asks the phone where it is when the button is pressed, not before, and sends it once.

const form = document.querySelector("[data-near]");
const DECIMALS = 4; // about ten metres: more nobody needs to know
const LIMITS = { timeout: 15000, maximumAge: 60000 }; // ms

function say(words) {
  form.querySelector("[role=status]").textContent = words;
}

function send({ coords }) {
  say("");
  form.elements.latitude.value = coords.latitude.toFixed(DECIMALS);
  form.elements.longitude.value = coords.longitude.toFixed(DECIMALS);
  form.submit();
  // Going back must not find it here.
  form.elements.latitude.value = form.elements.longitude.value = "";
}

if (form && navigator.geolocation) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form.dataset.asking);
    navigator.geolocation.getCurrentPosition(
      send,
      (error) => say(error.code === error.PERMISSION_DENIED ? form.dataset.refused : form.dataset.failed),
      LIMITS,
    );
  });
}
