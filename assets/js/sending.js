// Sends what waits, by page or service worker alike. The key that goes with each makes it one feedback however often it is sent.
import { all, find, keep, tell, unpacked } from "./offline_queue.js";

const PATIENCE = 20000; // ms for an answer, and more for what is heavy on a slow line
const SLOW = 4; // bytes in a ms
const TRY_AGAIN = [408, 425, 429];
const WORK_WANTED = 428;
const PATIENCE_WITH_WORK = 30000; // ms; without it somebody looks at what is sent before it counts

/** Runs `deed` while nobody else on this device sends; where that cannot be known the server sees to it by the key. */
export function alone(deed) {
  return navigator.locks ? navigator.locks.request("sending", deed) : deed();
}

function weight(item) {
  return item.fields.reduce((sum, [, value]) => sum + (typeof value === "string" ? value.length : value.bytes.byteLength), 0);
}

/** The work that the server asks for where it takes us for a machine; "" where it is not done in time. */
function work({ work: asked, worker }) {
  return new Promise((resolve) => {
    const thread = new Worker(worker);
    const end = (proof) => {
      thread.terminate();
      resolve(proof);
    };
    setTimeout(end, PATIENCE_WITH_WORK, "");
    thread.onmessage = ({ data }) => end(data);
    thread.onerror = () => end("");
    thread.postMessage(asked);
  });
}

/** What the server says: {state: "sent", reference, …}, {state: "refused", status, html}, or {state: "waiting"} for no answer. */
async function post(item, proof = self.Worker ? "can" : "") {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE + weight(item) / SLOW);
  try {
    const body = unpacked(item.fields);
    body.append("proof", proof);
    const headers = { Accept: "application/json" };
    const answer = await fetch(item.action, { method: "POST", body, headers, signal: giveUp.signal });
    const text = await answer.text();
    if (answer.status === WORK_WANTED) return post(item, await work(JSON.parse(text)));
    if (answer.ok) {
      // Without a reference it was not our server: a hotel's page to sign in, perhaps.
      const { reference, receipt, track } = JSON.parse(text);
      return reference ? { state: "sent", reference, receipt, track } : { state: "waiting" };
    }
    if (answer.status >= 500 || TRY_AGAIN.includes(answer.status)) return { state: "waiting" };
    return { state: "refused", status: answer.status, html: text };
  } catch (error) {
    return { state: "waiting" };
  } finally {
    clearTimeout(timer);
  }
}

/** Sends one, notes how it stands now, and returns what the server said. */
export async function deliver(item) {
  const answer = await post(item);
  if (answer.state === "sent") {
    // What was said is the server's now; here only the way to it stays.
    const { key, site, page, about, at } = item;
    await keep({ key, site, page, about, at, sent: Date.now(), ...answer });
  } else if (await find(item.key)) {
    await keep({ ...item, state: answer.state, status: answer.status, tried: Date.now() });
  }
  tell();
  return answer;
}

/** Sends all that waits, until one does not get through; how many are left. */
export function sendWaiting() {
  return alone(async () => {
    const waiting = (await all()).filter((item) => item.state === "waiting").sort((a, b) => a.at - b.at);
    for (const [done, item] of waiting.entries()) {
      if ((await deliver(item)).state === "waiting") return waiting.length - done;
    }
    return 0;
  });
}
