// The form pages that were visited, kept to be opened without a line; nothing else that the server says is kept.

export const PAGES = "pages";
const MOST = 20;

/** Keeps a page, without the key of its draft; `how` is fetch's cache mode. One that has gone is forgotten. */
export async function keepPage(address, how) {
  const answer = await fetch(address, { cache: how });
  const cache = await caches.open(PAGES);
  if (answer.status === 404 || answer.status === 410) await cache.delete(address);
  if (!answer.ok || answer.redirected) return;
  const html = (await answer.text()).replace(/(<input[^>]* name="key"[^>]* value=")[^"]*/, "$1");
  const headers = new Headers(answer.headers);
  // It is not compressed any more.
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  await cache.put(address, new Response(html, { headers }));
  const kept = await cache.keys();
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST))) await cache.delete(old);
}
