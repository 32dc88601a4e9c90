// What is being written on a form, kept on this device per place until it is sent: a tab that is closed loses nothing.

const LASTS = 7 * 24 * 3600 * 1000; // ms; a phone is lent, and what is old is not missed
const name = (form) => `draft:${form.dataset.site}`;
const ticked = (field) => field.type === "radio" || field.type === "checkbox";
const written = (form) => Array.from(form.elements).filter((field) => field.name && !["hidden", "file"].includes(field.type));

/** Whether everything stands as the server wrote it. */
export function isUntouched(form) {
  return written(form).every((field) =>
    ticked(field) ? field.checked === field.defaultChecked : field.value === (field.defaultValue || ""),
  );
}

export function saveDraft(form) {
  return isUntouched(form) ? dropDraft(form) : keepDraft(form);
}

/** Keeps what stands in the form, also where the server put it there. */
export function keepDraft(form) {
  const fields = Array.from(new FormData(form)).filter(([, value]) => typeof value === "string");
  try {
    localStorage.setItem(name(form), JSON.stringify({ at: Date.now(), fields }));
  } catch (error) {
    // Nothing can be kept here; the form works all the same.
  }
}

export function dropDraft(form) {
  try {
    localStorage.removeItem(name(form));
  } catch (error) {
    // As above.
  }
}

/** What was written for this place before and not sent, as [name, text]; null where nothing was, or long ago. */
export function draftOf(form) {
  try {
    const draft = JSON.parse(localStorage.getItem(name(form)));
    return draft && draft.at > Date.now() - LASTS ? draft.fields : null;
  } catch (error) {
    return null;
  }
}
