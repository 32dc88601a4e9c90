// Makes the pages open without a line: starts the service worker, keeps this page if it is a form, lists what is kept.
import { PAGES, keepPage } from "./pages.js";

async function install() {
  await navigator.serviceWorker.register("/service-worker.js");
  if (document.querySelector("form[data-site]") && !new URLSearchParams(location.search).has("draft")) {
    // The browser has it already: it is not asked for a second time.
    await keepPage(location.pathname + location.search, "force-cache");
  }
  const cache = await caches.open(PAGES);
  const page = `/offline?lang=${document.documentElement.lang.split("-")[0]}`;
  if (!(await cache.match(page))) {
    await cache.delete("/offline", { ignoreSearch: true });
    await keepPage(page, "default");
  }
}

async function list(element) {
  const cache = await caches.open(PAGES);
  const known = new Set();
  for (const request of (await cache.keys()).reverse()) {
    const { pathname, search } = new URL(request.url);
    if (!pathname.startsWith("/give/") || known.has(pathname)) continue;
    known.add(pathname);
    const page = new DOMParser().parseFromString(await (await cache.match(request)).text(), "text/html");
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = pathname + search;
    link.textContent = page.querySelector("h1").textContent.trim();
    item.append(link);
    element.querySelector("ul").append(item);
    element.hidden = false;
  }
}

if ("serviceWorker" in navigator && window.caches) {
  const begin = () => install().catch(() => {});
  // What is seen comes first.
  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
  const kept = document.querySelector("[data-kept-pages]");
  if (kept) list(kept).catch(() => {});
}
