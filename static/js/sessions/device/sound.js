/* Hearing and being heard: how loud a microphone is, and three tones for the speaker. */

const QUIET = 0.02;

/** Calls level(0…1) about twenty times a second while the track lives; returns a function that stops it. */
export function measure(track, level) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  context.resume();
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // Speech lies around a tenth of full power; a bar that shows it in the middle is easy to read.
    level(Math.min(1, Math.sqrt(power) * 4));
  }, 50);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

export const isHeard = (level) => level > QUIET;

/** Plays three rising tones; rejects where the browser cannot. */
export async function playTones() {
  const context = new AudioContext();
  await context.resume();
  if (context.state !== "running") throw new Error(`sound is ${context.state}`);
  const begin = context.currentTime + 0.05;
  [392, 494, 587].forEach((pitch, place) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const start = begin + place * 0.45;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.25, start + 0.05);
    loudness.gain.linearRampToValueAtTime(0, start + 0.4);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.45);
  });
  setTimeout(() => context.close(), 2500);
}
