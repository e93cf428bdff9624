// The chat of a call: what was written while this person was in it. Nothing is kept anywhere else.

/** Longest text of a message, in characters. */
const TEXT_LENGTH_MAX = 4_000;
/** Messages that are kept: the oldest go first. */
const MESSAGES_MAX = 500;

/** Name of the data channel everybody writes to. */
const CHANNEL = 'chat';

/** @typedef {{from: string | null, text: string, at: Date}} ChatMessage `from` is `null` for one's own. */

/** Events: `message` (detail: a ChatMessage). */
export class Chat extends EventTarget {
  /** @type {ChatMessage[]} */
  messages = [];
  #media = null;
  #channel = null;
  #readers = new Map();

  /** Whether what is written now goes out. */
  get open() {
    return this.#channel?.readyState === 'open';
  }

  /** Writes over `media`, a MediaSession, from now on. */
  async connect(media) {
    this.#media = media;
    const channel = await media.produceData(CHANNEL);
    if (media !== this.#media) return;
    this.#channel = channel;
    for (const event of ['open', 'close']) channel.on(event, () => this.dispatchEvent(new Event('state')));
    this.dispatchEvent(new Event('state'));
  }

  /** Reads what somebody writes, where this data producer is their chat. */
  async follow({ id, label }, author) {
    if (label !== CHANNEL) return;
    const media = this.#media;
    try {
      await media.consumeData(id, (channel) => this.#read(channel, author));
    } catch (error) {
      // Whoever left meanwhile, and whom a reconnection has made new, is not read this way any more.
      if (media === this.#media && error.code !== 'DATA_PRODUCER_NOT_FOUND') throw error;
    }
  }

  #read(channel, author) {
    this.#readers.set(channel.dataProducerId, channel);
    channel.on('message', (data) => {
      const text = typeof data === 'string' ? data.trim() : '';
      if (text) this.#add({ from: author, text: text.slice(0, TEXT_LENGTH_MAX), at: new Date() });
    });
  }

  stopReading(dataProducerId) {
    this.#readers.get(dataProducerId)?.close();
    this.#readers.delete(dataProducerId);
  }

  /** @returns whether it went out. */
  send(text) {
    if (!this.open) return false;
    this.#channel.send(text);
    this.#add({ from: null, text, at: new Date() });
    return true;
  }

  /** The channels are gone; what was written stays. */
  disconnect() {
    this.#media = null;
    this.#channel = null;
    this.#readers.clear();
    this.dispatchEvent(new Event('state'));
  }

  #add(message) {
    this.messages.push(message);
    if (this.messages.length > MESSAGES_MAX) this.messages.shift();
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
  }
}
