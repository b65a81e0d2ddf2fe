/* How good the line to our server is: milliseconds until an answer, kilobits a second down and up. */

const ASKS = 4;
const LONGEST = 20_000;

async function timed(address, options) {
  const began = performance.now();
  const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(LONGEST), ...options });
  if (!answer.ok) throw new Error(`line: ${answer.status}`);
  const size = (await answer.arrayBuffer()).byteLength;
  return { size, ms: performance.now() - began };
}

const kbits = (bytes, ms) => (bytes * 8) / Math.max(ms, 1);

/** Measures the line by this address; rejects when the server cannot be reached. */
export async function measureLine(address, upBytes, headers) {
  const asks = [];
  // The first opens the connection and says nothing about the line.
  for (let ask = 0; ask <= ASKS; ask += 1) asks.push((await timed(`${address}?none`)).ms);
  const ms = asks.slice(1).sort((a, b) => a - b)[Math.floor(ASKS / 2)];
  const down = await timed(address);
  const up = await timed(address, { method: "POST", headers, body: crypto.getRandomValues(new Uint8Array(upBytes)) });
  // Of the time a transfer takes, one answer's wait is no fault of its size.
  return {
    ms: Math.round(ms),
    down_kbits: Math.round(kbits(down.size, Math.max(1, down.ms - ms))),
    up_kbits: Math.round(kbits(upBytes, Math.max(1, up.ms - ms))),
  };
}
