// After a rejected form, moves the focus to the summary of what is wrong, so that it is read first.
const summary = document.querySelector("[data-focus-on-load]");
if (summary) summary.focus();
