// The data channels of one participant, and what came over them.

/** Bytes that tell whether they came whole and in order. */
function pattern(size) {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

function describe(data) {
  if (typeof data === 'string') return { text: data };
  const bytes = new Uint8Array(data);
  return { size: bytes.length, intact: bytes.every((byte, index) => byte === index % 251) };
}

export class Channels {
  #request;
  /** By label. */
  #producers = new Map();
  /** By the data producer's id: `{consumer, got, closed}`. */
  #consumers = new Map();

  /** @param {(name: string, data: object) => Promise<object>} request */
  constructor(request) {
    this.#request = request;
  }

  /** Has the transport ask the server for data producers. */
  serve(transport) {
    transport.on('producedata', ({ sctpStreamParameters, label, protocol, appData }, done, failed) => {
      const channel = { sctpStreamParameters, label, protocol, appData };
      this.#request('create-data-producer', { transportId: transport.id, ...channel }).then(
        ({ dataProducer }) => done({ id: dataProducer.id }),
        failed,
      );
    });
  }

  /** @returns the data producer's id, once it is open */
  async publish(transport, label, options) {
    const producer = await transport.produceData({ label, ...options });
    this.#producers.set(label, producer);
    if (producer.readyState !== 'open') await new Promise((resolve) => producer.once('open', resolve));
    return producer.id;
  }

  async read(transport, dataProducerId) {
    const { dataConsumer } = await this.#request('create-data-consumer', {
      transportId: transport.id,
      dataProducerId,
      paused: true,
    });
    const consumer = await transport.consumeData(dataConsumer);
    consumer.binaryType = 'arraybuffer';
    const entry = { consumer, got: [], closed: false };
    consumer.on('message', (data) => entry.got.push(describe(data)));
    consumer.on('close', () => {
      entry.closed = true;
    });
    this.#consumers.set(dataProducerId, entry);
    if (consumer.readyState !== 'open') await new Promise((resolve) => consumer.once('open', resolve));
    await this.#request('resume-data-consumer', { dataConsumerId: dataConsumer.id });
    return dataConsumer;
  }

  /** @param {{text?: string, size?: number}} message a text, or that many bytes */
  send(label, { text, size }) {
    this.#producers.get(label).send(text ?? pattern(size));
  }

  got(dataProducerId) {
    return this.#consumers.get(dataProducerId).got;
  }

  isClosed(dataProducerId) {
    return this.#consumers.get(dataProducerId).closed;
  }

  /** Closes the client's own channel, without a word to the server. */
  hangUp(label) {
    this.#producers.get(label).close();
  }

  readyState(label) {
    return this.#producers.get(label).readyState;
  }
}
