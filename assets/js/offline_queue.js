// Feedback that the server has not confirmed yet, in the browser's own database: what was answered, files too, and how it stands.
//
// {key, state, site, page, action, about, words, fields, spare, at, tried, status, reference, receipt, track, sent}
// state: "waiting" for a line, "refused" by the server (status says how), "sent" (reference and links instead of what was answered).

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("answerable", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("unsent", { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, deed) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("unsent", mode);
      const asked = deed(transaction.objectStore("unsent"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const keep = (item) => within("readwrite", (store) => store.put(item));
export const find = (key) => within("readonly", (store) => store.get(key));
export const all = () => within("readonly", (store) => store.getAll());
export const forget = (key) => within("readwrite", (store) => store.delete(key));

/** What a form would send, as it can be kept: [name, text] or [name, {name, type, bytes}] of a file. */
export async function packed(form) {
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.push([name, value]);
    else if (value.size) {
      // Its bytes: what a phone's camera lends to a page may be gone when the page is.
      const bytes = await new Response(value).arrayBuffer();
      fields.push([name, { name: value.name, type: value.type, bytes }]);
    }
  }
  return fields;
}

export const asFile = ({ name, type, bytes }) => new File([bytes], name, { type });

export function unpacked(fields) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, typeof value === "string" ? value : asFile(value));
  return data;
}

// Tells the other pages and the service worker, where they can be told; the others look when they are looked at.
const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel("unsent") : null;
export const tell = () => channel && channel.postMessage("changed");
export const whenTold = (deed) => channel && channel.addEventListener("message", deed);
