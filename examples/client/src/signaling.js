// Requests and events of the server, over Socket.IO.
//
// A request is `mediasoup:<name>` with an acknowledgement; it resolves to the server's `{success: true, …}`
// object, or rejects with a `SignalingError` that carries the server's code.

import { io } from 'socket.io-client';

const PREFIX = 'mediasoup:';
const REQUEST_TIMEOUT_MS = 10_000;

/** A request the server refused, or could not be asked. `code` is the server's, or TIMEOUT, UNREACHABLE. */
export class SignalingError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'SignalingError';
    this.code = code;
  }
}

/** Why the server refused a connection: its code stands before the message. */
function refusalCode(error) {
  return /^([A-Z_]+): /.exec(error.message)?.[1] ?? 'UNAUTHORIZED';
}

/** One connection to the server; it reconnects on its own until closed. */
export class Signaling {
  #socket;

  /** @param {string} url of the server; its path is the Socket.IO namespace. */
  constructor(url, token) {
    this.#socket = io(url, {
      auth: token ? { token } : {},
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 3_000,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    });
  }

  /** Resolves on the first connection; rejects when the first attempt fails. */
  connect() {
    return new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('connect_error', (error) => {
        // `active`: Socket.IO would try again, so nobody refused us; nobody answered.
        const code = this.#socket.active ? 'UNREACHABLE' : refusalCode(error);
        reject(new SignalingError(code, error.message));
      });
      this.#socket.connect();
    });
  }

  /** Calls `lost` when the connection goes, `back` when it is there again, `refused` when the server wants us no longer. */
  watch({ lost, back, refused }) {
    this.#socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      lost();
      // Socket.IO leaves it to us to come back after the server ended the connection itself.
      if (reason === 'io server disconnect') this.#socket.connect();
    });
    this.#socket.on('connect', back);
    this.#socket.on('connect_error', (error) => {
      if (!this.#socket.active) refused(new SignalingError(refusalCode(error), error.message));
    });
  }

  get connected() {
    return this.#socket.connected;
  }

  on(event, handler) {
    this.#socket.on(PREFIX + event, handler);
  }

  async request(name, data) {
    const socket = this.#socket;
    if (!socket.connected) throw new SignalingError('UNREACHABLE', 'not connected');
    let reply;
    try {
      reply = await socket.timeout(REQUEST_TIMEOUT_MS).emitWithAck(PREFIX + name, data);
    } catch {
      throw new SignalingError('TIMEOUT', `no answer to ${name}`);
    }
    if (!reply.success) throw new SignalingError(reply.code ?? 'INTERNAL', reply.error ?? name);
    return reply;
  }

  close() {
    this.#socket.disconnect();
  }
}
