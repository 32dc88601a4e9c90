// Opens the forms that were visited without a line, and sends what waits when the line is back.
// The server writes before this what is kept: self.ours = {mark, assets}. Nobody's own page is kept, nor any of staff.
import { PAGES, keepPage } from "./pages.js";
import { sendWaiting } from "./sending.js";

const { mark, assets } = self.ours;
const ASSETS = `assets-${mark}`;
const PATIENCE = 5000; // ms for the server to begin to answer, where the page is at hand

async function install() {
  const cache = await caches.open(ASSETS);
  await cache.addAll(assets);
  if ((await caches.keys()).some((name) => ![ASSETS, PAGES].includes(name))) {
    // Pages name the assets that they were made with.
    const pages = await (await caches.open(PAGES)).keys();
    await Promise.all(pages.map(({ url }) => keepPage(url, "no-cache").catch(() => {})));
  }
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => ![ASSETS, PAGES].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function asset(request) {
  const cache = await caches.open(ASSETS);
  // A page made with older ones is given what there is, as the server would.
  return (await cache.match(request)) || fetch(request).catch(async () => (await cache.match(request, { ignoreSearch: true })) || Response.error());
}

async function form(request) {
  const cache = await caches.open(PAGES);
  const kept = (await cache.match(request.url)) || (await cache.match(request.url, { ignoreSearch: true }));
  if (!kept) return orOffline(request);
  const answer = fetch(request).then(
    (fresh) => (fresh.status >= 500 ? kept : fresh),
    () => kept,
  );
  return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, PATIENCE, kept))]);
}

async function orOffline(request) {
  try {
    return await fetch(request);
  } catch (error) {
    return (await (await caches.open(PAGES)).match("/offline", { ignoreSearch: true })) || Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (assets.some((each) => each.split("?")[0] === pathname)) event.respondWith(asset(request));
  else if (request.mode !== "navigate") return;
  else if (/^\/give\/[^/]+$/.test(pathname)) event.respondWith(form(request));
  else if (pathname === "/") event.respondWith(orOffline(request));
});

self.addEventListener("sync", (event) => {
  event.waitUntil(
    sendWaiting().then((left) => {
      // The browser asks again later.
      if (left) throw new Error("no line");
    }),
  );
});
