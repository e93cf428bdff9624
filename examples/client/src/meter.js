// What comes of one received track, measured once a second.

const INTERVAL_MS = 1_000;

/** @typedef {{width: number, height: number, fps: number, kbps: number}} Reading */

export class Meter {
  #consumer;
  #show;
  #timer;
  #before = null;

  /** @param {(reading: Reading) => void} show is called with each reading */
  constructor(consumer, show) {
    this.#consumer = consumer;
    this.#show = show;
    this.#timer = setInterval(() => this.#read(), INTERVAL_MS);
    this.#read();
  }

  stop() {
    clearInterval(this.#timer);
    this.#consumer = null;
  }

  async #read() {
    const consumer = this.#consumer;
    if (!consumer || consumer.closed) return;
    const report = await consumer.getStats();
    const now = [...report.values()].find(({ type }) => type === 'inbound-rtp');
    const before = this.#before;
    this.#before = now;
    if (!now || !before || consumer !== this.#consumer) return;
    const seconds = (now.timestamp - before.timestamp) / 1_000;
    if (seconds <= 0) return;
    const grown = (name) => ((now[name] ?? 0) - (before[name] ?? 0)) / seconds;
    this.#show({
      width: now.frameWidth ?? 0,
      height: now.frameHeight ?? 0,
      fps: Math.round(grown('framesDecoded')),
      kbps: Math.round((grown('bytesReceived') * 8) / 1_000),
    });
  }
}
