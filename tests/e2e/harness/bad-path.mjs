// A bad path between a client and a server's media port: loss, delay, jitter, and a bottleneck with its queue, each way.
// What is lost is lost the same way every time.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** First bytes of RTP and RTCP (RFC 7983): what else goes that way sets up the connection, and is never lost. */
const MEDIA = { from: 128, to: 191 };

/**
 * One direction: packets are lost, then wait at the bottleneck, then travel.
 *
 * @typedef {{loss?: number, delayMs?: number, jitterMs?: number, rate?: number, queueMs?: number}} Conditions `loss`: share
 *  of packets; `rate`: bit/s of the bottleneck, `queueMs`: what waits for it at most
 */
class Way {
  #random;
  #conditions = {};
  /** When the bottleneck is free again, and when the last packet arrives: they stay in order. */
  #freeAt = 0;
  #lastAt = 0;
  #due = [];
  #timer = null;
  passed = 0;
  lost = 0;
  /** At the bottleneck. */
  dropped = 0;
  bytes = 0;

  constructor(random) {
    this.#random = random;
  }

  set(conditions) {
    this.#conditions = conditions;
    this.#freeAt = 0;
  }

  send(datagram, deliver) {
    const { loss = 0, delayMs = 0, jitterMs = 0, rate = Infinity, queueMs = 300 } = this.#conditions;
    const isMedia = datagram[0] >= MEDIA.from && datagram[0] <= MEDIA.to;
    if (isMedia && this.#random() < loss) {
      this.lost += 1;
      return;
    }
    const now = performance.now();
    const starts = Math.max(now, this.#freeAt);
    if (isMedia && starts - now > queueMs) {
      this.dropped += 1;
      return;
    }
    this.#freeAt = starts + (8_000 * datagram.length) / rate;
    this.passed += 1;
    this.bytes += datagram.length;
    const at = Math.max(this.#freeAt + delayMs + jitterMs * this.#random(), this.#lastAt);
    this.#lastAt = at;
    if (at <= now) {
      deliver(datagram);
      return;
    }
    this.#due.push({ at, datagram, deliver });
    this.#arm();
  }

  #arm() {
    if (this.#timer !== null || this.#due.length === 0) return;
    const wait = Math.max(0, this.#due[0].at - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const now = performance.now();
      while (this.#due.length > 0 && this.#due[0].at <= now + 0.2) {
        const { datagram, deliver } = this.#due.shift();
        deliver(datagram);
      }
      this.#arm();
    }, wait);
  }

  get counts() {
    const { passed, lost, dropped, bytes } = this;
    return { passed, lost, dropped, bytes };
  }

  close() {
    clearTimeout(this.#timer);
    this.#due = [];
  }
}

export class BadPath {
  #inside = createSocket('udp4');
  #address;
  #target;
  #closed = false;
  /** By a client's address and port: the socket that the server takes for that client. */
  #clients = new Map();

  /** @param {{address: string, targetPort: number, seed: number, up?: Conditions, down?: Conditions}} options
   *  `up`: to the server, `down`: to its clients */
  static async open(options) {
    const path = new BadPath(options);
    path.#inside.bind(0, options.address);
    await once(path.#inside, 'listening');
    return path;
  }

  constructor({ address, targetPort, seed, up = {}, down = {} }) {
    this.#address = address;
    this.#target = targetPort;
    this.up = new Way(mulberry32(seed));
    this.down = new Way(mulberry32(seed + 1));
    this.set({ up, down });
    this.#inside.on('message', (datagram, { address: from, port }) => {
      const outside = this.#outside(from, port);
      this.up.send(datagram, (sent) => this.#closed || outside.send(sent, this.#target, this.#address));
    });
  }

  /** From now on it is like this. */
  set({ up, down }) {
    if (up) this.up.set(up);
    if (down) this.down.set(down);
  }

  get port() {
    return this.#inside.address().port;
  }

  #outside(address, port) {
    const client = `${address}:${port}`;
    let socket = this.#clients.get(client);
    if (!socket) {
      socket = createSocket('udp4');
      socket.on('message', (datagram) => {
        this.down.send(datagram, (sent) => this.#closed || this.#inside.send(sent, port, address));
      });
      // The server's port may close first.
      socket.on('error', () => {});
      this.#clients.set(client, socket);
    }
    return socket;
  }

  close() {
    this.#closed = true;
    this.up.close();
    this.down.close();
    for (const socket of [this.#inside, ...this.#clients.values()]) socket.close();
  }
}

/** Numbers that look like chance, from 0 to 1. */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
