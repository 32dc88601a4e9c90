// Records that a case was looked at: posts each form marked data-post-on-load once, when the page is really seen.

function post(form) {
  if (!form.hasAttribute("data-post-on-load")) return;
  form.removeAttribute("data-post-on-load");
  fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin", keepalive: true }).catch(() => {
    // A look that was not recorded leaves the case unread, which is the safe side.
  });
}

function postAll() {
  if (document.visibilityState === "visible") document.querySelectorAll("form[data-post-on-load]").forEach(post);
}

document.addEventListener("visibilitychange", postAll);
postAll();
