// Waits until the page is to be seen.

const AT_THE_LATEST = 500; // ms after all has come: a tab that nobody sees yet is not painted, and must work once it is

/** Begins once the page has been painted; where the browser does not say when that is, at once. */
export function whenPainted(begin) {
  const tells = window.PerformanceObserver && (PerformanceObserver.supportedEntryTypes || []).includes("paint");
  if (!tells || document.visibilityState === "hidden") return begin();
  let begun = false;
  const once = () => {
    observer.disconnect();
    if (!begun) begin();
    begun = true;
  };
  const observer = new PerformanceObserver(once);
  observer.observe({ type: "paint", buffered: true });
  const later = () => setTimeout(once, AT_THE_LATEST);
  if (document.readyState === "complete") later();
  else window.addEventListener("load", later, { once: true });
}
