// This person's own microphone, camera and screen.
//
// Tracks belong to this object, not to producers: they outlive a reconnection. A camera that is off is released,
// so that its light goes out; a muted microphone stays open, so that speaking again is instant.

const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const VIDEO = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SCREEN = { video: { frameRate: { max: 15 } }, audio: false };

/** A device that could not be opened. `code` is one of INSECURE, DENIED, NO_DEVICE, DEVICE_BUSY, DEVICE. */
export class DeviceError extends Error {
  constructor(source, cause) {
    super(cause?.message ?? source, { cause });
    this.name = 'DeviceError';
    this.source = source;
    this.code = codeOf(cause);
  }
}

export class LocalMedia extends EventTarget {
  #tracks = { mic: null, camera: null, screen: null };

  get mic() {
    return this.#tracks.mic;
  }

  get camera() {
    return this.#tracks.camera;
  }

  get screen() {
    return this.#tracks.screen;
  }

  /** The open track of `source`: the one there is, or a new one. */
  async open(source) {
    return this.#tracks[source] ?? this.#adopt(source, await capture(source));
  }

  close(source) {
    const track = this.#tracks[source];
    if (!track) return;
    this.#tracks[source] = null;
    track.stop();
    this.#changed(source);
  }

  closeAll() {
    for (const source of Object.keys(this.#tracks)) this.close(source);
  }

  #adopt(source, track) {
    // Another request for the same device may have been faster.
    this.close(source);
    track.addEventListener('ended', () => {
      if (this.#tracks[source] !== track) return;
      this.#tracks[source] = null;
      this.#changed(source);
      this.dispatchEvent(new CustomEvent('lost', { detail: { source } }));
    });
    this.#tracks[source] = track;
    this.#changed(source);
    return track;
  }

  #changed(source) {
    this.dispatchEvent(new CustomEvent('change', { detail: { source } }));
  }
}

async function capture(source) {
  if (!navigator.mediaDevices) throw new DeviceError(source);
  const { mediaDevices } = navigator;
  try {
    if (source === 'screen') {
      const [track] = (await mediaDevices.getDisplayMedia(SCREEN)).getVideoTracks();
      track.contentHint = 'detail';
      return track;
    }
    const wanted = source === 'mic' ? { audio: AUDIO } : { video: VIDEO };
    const [track] = (await mediaDevices.getUserMedia(wanted)).getTracks();
    return track;
  } catch (error) {
    throw new DeviceError(source, error);
  }
}

function codeOf(cause) {
  switch (cause?.name) {
    case undefined:
      return 'INSECURE';
    case 'NotAllowedError':
    case 'SecurityError':
      return 'DENIED';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'NO_DEVICE';
    case 'NotReadableError':
    case 'AbortError':
      return 'DEVICE_BUSY';
    default:
      return 'DEVICE';
  }
}
