// What a participant sends so that it can be told in a recording when and in what state it arrived. The same
// beacons as those of the native tests: a bar that always moves on grey tiles and a flash once a second, a hum that
// never ends and a beep once a second that begins with the flash.

const BEACONS = {
  red: { channel: 0, hum: 250, beep: 1_000 },
  green: { channel: 1, hum: 500, beep: 1_500 },
  blue: { channel: 2, hum: 750, beep: 2_000 },
};

/** Seconds into each second at which flash and beep begin; frames fall onto it. */
const FLASH_AT = 0.4;
const FLASH_LASTS = 0.1;
const HUM_AMPLITUDE = 0.05;
const BEEP_AMPLITUDE = 0.25;
const FRAMES_PER_SECOND = 20;
/** Longest that is scheduled ahead, in seconds. */
const BEEPS = 600;
const POLL_MS = 4;
const GREY_SIZE = 8;

/** All beacons of a page go by one clock, which is that of its sound. */
const context = new AudioContext({ sampleRate: 48_000 });

/** @returns {MediaStreamTrack} */
export function beaconSound(name) {
  const { hum, beep } = BEACONS[name];
  const destination = context.createMediaStreamDestination();
  tone(hum, destination).setValueAtTime(HUM_AMPLITUDE, 0);
  const beeps = tone(beep, destination);
  beeps.setValueAtTime(0, 0);
  for (let second = Math.ceil(context.currentTime); second < context.currentTime + BEEPS; second += 1) {
    beeps.setValueAtTime(BEEP_AMPLITUDE, second + FLASH_AT);
    beeps.setValueAtTime(0, second + FLASH_AT + FLASH_LASTS);
  }
  return destination.stream.getAudioTracks()[0];
}

/** @returns {AudioParam} its loudness */
function tone(frequency, destination) {
  const oscillator = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  oscillator.connect(gain).connect(destination);
  oscillator.start();
  return gain.gain;
}

/** @returns {MediaStreamTrack} */
export function beaconPicture(name, { width = 320, height = 180 } = {}) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  // Pages draw what is in the document.
  document.body.append(canvas);
  const pen = canvas.getContext('2d');
  const background = greyTiles(width, height);
  const [track] = canvas.captureStream(0).getVideoTracks();
  let drawn = -1;
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
      canvas.remove();
      return;
    }
    const frame = Math.floor(context.currentTime * FRAMES_PER_SECOND + 1e-6);
    if (frame === drawn) return;
    drawn = frame;
    draw(pen, background, BEACONS[name].channel, frame / FRAMES_PER_SECOND);
    track.requestFrame();
  }, POLL_MS);
  return track;
}

function draw(pen, background, channel, at) {
  const { width, height } = pen.canvas;
  const intoSecond = (at + 1e-6) % 1;
  const colour = (strength) => `rgb(${[0, 1, 2].map((each) => (each === channel ? strength : 0)).join()})`;
  pen.drawImage(background, 0, 0);
  pen.globalCompositeOperation = 'lighter';
  pen.fillStyle = colour(100);
  for (const left of [intoSecond, intoSecond - 1]) pen.fillRect(left * width, height / 2, width / 4, height / 2);
  pen.globalCompositeOperation = 'source-over';
  if (intoSecond >= FLASH_AT && intoSecond < FLASH_AT + FLASH_LASTS) {
    pen.fillStyle = colour(255);
    pen.fillRect(0, 0, width, height / 2);
  }
}

/** Without them encoders would have nothing to do. */
function greyTiles(width, height) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d');
  for (let y = 0; y < height / GREY_SIZE; y += 1) {
    for (let x = 0; x < width / GREY_SIZE; x += 1) {
      const grey = ((x * 7_919 + y * 104_729) ^ (x * y * 31)) % 64;
      pen.fillStyle = `rgb(${grey},${grey},${grey})`;
      pen.fillRect(x * GREY_SIZE, y * GREY_SIZE, GREY_SIZE, GREY_SIZE);
    }
  }
  return canvas;
}
