/** Two soft notes for a new message; made, not fetched. Silent where the browser does not allow it. */
let audio: AudioContext | null = null;

export function chime(): void {
  audio ??= new AudioContext();
  if (audio.state !== 'running') return;
  const start = audio.currentTime;
  [660, 880].forEach((pitch, at) => note(audio as AudioContext, pitch, start + at * 0.09));
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.06, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.28);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}
