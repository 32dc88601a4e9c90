// Waits until the page is to be seen.

/** Begins once the page has been painted; where the browser does not say when that is, at once. */
export function whenPainted(begin) {
  const tells = window.PerformanceObserver && (PerformanceObserver.supportedEntryTypes || []).includes("paint");
  if (!tells) return begin();
  const observer = new PerformanceObserver(() => {
    observer.disconnect();
    begin();
  });
  observer.observe({ type: "paint", buffered: true });
}
