// A recorded file in a page.

const WAIT_MS = 20_000;

/** Plays a file: a while at its start, and again close to its end, until that. */
export async function playFile(url) {
  const video = Object.assign(document.createElement('video'), { src: url, preload: 'auto' });
  document.body.append(video);
  await happens(video, 'loadedmetadata');
  const { duration, videoWidth: width, videoHeight: height } = video;
  await video.play();
  const start = video.currentTime;
  await until(video, () => video.currentTime > start + 1);
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  video.currentTime = duration - 2;
  await happens(video, 'seeked');
  const sought = video.currentTime;
  await happens(video, 'ended');
  const result = { duration, width, height, frames, sought, ended: video.currentTime };
  video.remove();
  return result;
}

function happens(video, event) {
  return new Promise((resolve, reject) => {
    const failed = (why) => () => reject(new Error(`${why} before ${event}: ${video.error?.message ?? video.readyState}`));
    video.addEventListener(event, resolve, { once: true });
    video.addEventListener('error', failed('an error'), { once: true });
    setTimeout(failed('time passed'), WAIT_MS);
  });
}

async function until(video, holds) {
  while (!holds()) await happens(video, 'timeupdate');
}
