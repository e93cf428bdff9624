// The room's recording, as this person knows it, and its files.

/** Runs from when the server said, by this machine's own clock. */
export class RoomRecording {
  /** @type {number | null} `performance.now()` of its start */
  #since = null;

  get active() {
    return this.#since !== null;
  }

  /** Seconds. */
  get elapsed() {
    return this.active ? Math.max(0, Math.floor((performance.now() - this.#since) / 1000)) : 0;
  }

  /** As `room-joined` tells it. */
  join({ isRecording = false, duration = 0 } = {}) {
    this.#since = isRecording ? performance.now() - duration : null;
  }

  start() {
    this.#since = performance.now();
  }

  stop() {
    this.#since = null;
  }
}

/** `3:07`, `1:00:00`. */
export function clock(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A finished recording's files, the most wanted first: what to call each, and its name on the server. */
export function filesOf({ files = {} }) {
  const { combined, audio, video, tracks = [] } = files;
  const named = [
    ['Everyone, with sound', combined],
    ['Sound only', audio],
    ['Picture only', video],
    ...tracks.map((path) => ['One track', path]),
  ];
  return named.filter(([, path]) => path).map(([label, path]) => ({ label, name: path.split(/[/\\]/).at(-1) }));
}

/** Saves a file of the server's; the access token goes along in a header, where no log shows it. */
export async function download(serverUrl, token, name) {
  const url = new URL(`/api/mediasoup/recordings/${encodeURIComponent(name)}`, serverUrl || location.href);
  url.protocol = url.protocol.replace('ws', 'http');
  if (!token) return save(url.href, name);
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) {
    const { error, code } = await response.json().catch(() => ({}));
    throw Object.assign(new Error(error ?? `HTTP ${response.status}`), { code });
  }
  const blob = URL.createObjectURL(await response.blob());
  save(blob, name);
  // The browser has to have begun before the address may go.
  setTimeout(() => URL.revokeObjectURL(blob), 60_000);
}

function save(href, name) {
  const link = document.createElement('a');
  Object.assign(link, { href, download: name });
  link.click();
}
