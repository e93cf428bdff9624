// A bad network before a server's media port: what a client sends gets lost there, the same way every time.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** First bytes of RTP and RTCP (RFC 7983): what else goes that way sets up the connection. */
const MEDIA = { from: 128, to: 191 };

export class LossyLink {
  #inside;
  #address;
  #target;
  #loss;
  #random;
  /** By a client's address and port: the socket that the server takes for that client. */
  #clients = new Map();
  passed = 0;
  lost = 0;

  /** @param {{address: string, targetPort: number, loss: number, seed: number}} options `loss`: share of packets */
  static async open(options) {
    const link = new LossyLink(options);
    link.#inside.bind(0, options.address);
    await once(link.#inside, 'listening');
    return link;
  }

  constructor({ address, targetPort, loss, seed }) {
    this.#address = address;
    this.#target = targetPort;
    this.#loss = loss;
    this.#random = mulberry32(seed);
    this.#inside = createSocket('udp4');
    this.#inside.on('message', (datagram, { address: from, port }) => this.#forward(datagram, from, port));
  }

  get port() {
    return this.#inside.address().port;
  }

  #forward(datagram, address, port) {
    const isMedia = datagram[0] >= MEDIA.from && datagram[0] <= MEDIA.to;
    if (isMedia && this.#random() < this.#loss) {
      this.lost += 1;
      return;
    }
    if (isMedia) this.passed += 1;
    this.#outside(address, port).send(datagram, this.#target, this.#address);
  }

  #outside(address, port) {
    const client = `${address}:${port}`;
    let socket = this.#clients.get(client);
    if (!socket) {
      socket = createSocket('udp4');
      socket.on('message', (datagram) => this.#inside.send(datagram, port, address));
      // The server's port may close first.
      socket.on('error', () => {});
      this.#clients.set(client, socket);
    }
    return socket;
  }

  close() {
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
