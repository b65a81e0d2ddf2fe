// Talking to the server about one attempt: with patience that ends, and telling a refusal from a fault.

export const PATIENCE = 8000;

/** It is of no use to ask again: `message` is "signed_out" or "blocked". */
export class Halted extends Error {}

/** Returns the reply as an object; throws Halted for a refusal, another Error for what may pass. */
export async function talk(url, token, body) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  try {
    const response = await fetch(url, {
      method: body ? "POST" : "GET",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
      body: body ? JSON.stringify(body) : undefined,
      signal: control.signal,
      keepalive: Boolean(body) && document.visibilityState === "hidden",
      cache: "no-store",
    });
    if (response.ok) return await response.json();
    if (response.status === 401) throw new Halted("signed_out");
    // A refusal will not change by asking again; a fault or a full server may.
    if (response.status < 500 && response.status !== 429 && response.status !== 408) throw new Halted("blocked");
    throw new Error(`status ${response.status}`);
  } finally {
    clearTimeout(timer);
  }
}
