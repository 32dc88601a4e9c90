// Opens menus and filters where the screen is wide. Without script they are folded, and a press on their name opens them.

const narrow = window.matchMedia("(max-width: 40em)");

function fold() {
  document.querySelectorAll("details[data-open-when-wide]").forEach((details) => {
    details.open = !narrow.matches;
  });
}

narrow.addEventListener("change", fold);
fold();

// Who follows a link to something that is folded wants it open.
function openAsked() {
  const asked = document.getElementById(location.hash.slice(1));
  if (asked && asked.tagName === "DETAILS") asked.open = true;
}

window.addEventListener("hashchange", openAsked);
openAsked();
