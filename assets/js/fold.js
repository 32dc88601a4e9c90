// Folds menus and filters away where the screen is narrow; without script they stay open, which always works.

const narrow = window.matchMedia("(max-width: 40em)");

function fold() {
  document.querySelectorAll("details[data-fold-when-narrow]").forEach((details) => {
    details.open = !narrow.matches;
  });
}

narrow.addEventListener("change", fold);
fold();
