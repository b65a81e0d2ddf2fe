// Random names for this device and for single events, from real random bytes.

/** Twenty-four hex digits. crypto.randomUUID is missing on a plain http address, where this must work too. */
export function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let ownName = null;

/** This browser's device name, the same in every tab: two tabs are two connections of one device, and count once. */
export function deviceName() {
  const key = "jembatan.device";
  try {
    ownName ??= localStorage.getItem(key);
    if (!ownName) localStorage.setItem(key, (ownName = nonce()));
  } catch {
    // Storage is forbidden here: a name for this page must do; a reload is then another device, which costs nothing.
    ownName ??= nonce();
  }
  return ownName;
}
