// A picture that takes as many bits as an encoder may spend: coloured patches that never stay.

const FRAMES_PER_SECOND = 20;
const PATCHES = 3;

/** @returns {MediaStreamTrack} */
export function busyPicture({ width, height }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  // Pages draw what is in the document.
  document.body.append(canvas);
  const pen = canvas.getContext('2d');
  const [track] = canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks();
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
      canvas.remove();
      return;
    }
    for (let patch = 0; patch < PATCHES; patch += 1) {
      const size = (Math.random() * height) / 8;
      pen.fillStyle = `hsl(${360 * Math.random()} 70% 50%)`;
      pen.fillRect(Math.random() * width, Math.random() * height, size, size);
    }
  }, 1_000 / FRAMES_PER_SECOND);
  return track;
}
