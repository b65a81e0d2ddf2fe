/* The person's own camera in a <video>, on their own device only: nothing is sent anywhere.
 *
 * `showCamera(video)` resolves with a function that switches it off, or rejects with an Error whose `code` says why:
 * camera_insecure (neither https nor localhost), camera_denied, camera_absent, camera_busy, camera_failed.
 * Call it from a click: browsers ask the person, and a question out of nowhere is refused.
 */

const CODES = {
  NotAllowedError: "camera_denied",
  SecurityError: "camera_denied",
  NotFoundError: "camera_absent",
  OverconstrainedError: "camera_absent",
  NotReadableError: "camera_busy",
  AbortError: "camera_busy",
};

function refusal(code) {
  return Object.assign(new Error(code), { code });
}

export async function showCamera(video) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw refusal("camera_insecure");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { height: { ideal: 360 } }, audio: false });
  } catch (error) {
    throw refusal(CODES[error.name] ?? "camera_failed");
  }
  video.srcObject = stream;
  video.muted = true;
  // Interrupted by being switched off at once: then there is nothing to play.
  video.play().catch(() => {});
  return () => {
    stream.getTracks().forEach((track) => track.stop());
    if (video.srcObject === stream) video.srcObject = null;
  };
}
