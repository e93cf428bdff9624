// One participant: mediasoup-client and socket.io-client as they come, and a record of everything that happened.

import { Device } from 'mediasoup-client';
import { io } from 'socket.io-client';

import { beaconPicture, beaconSound } from './beacon.js';
import { busyPicture } from './busy.js';
import { Channels } from './channels.js';
import { Secret } from './secret.js';

const PREFIX = 'mediasoup:';
const REQUEST_TIMEOUT_MS = 10_000;
const VIDEO = { width: 320, height: 240, frameRate: 15 };
/** Three encodings of one picture, the smallest first: 240x180, 480x360, 960x720. */
const SIMULCAST = {
  video: { width: 960, height: 720, frameRate: 15 },
  encodings: [
    { scaleResolutionDownBy: 4, maxBitrate: 100_000 },
    { scaleResolutionDownBy: 2, maxBitrate: 300_000 },
    { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
  ],
  codecOptions: { videoGoogleStartBitrate: 2_000 },
};

/** A picture that uses all it may: three encodings with three temporal layers each: 240x135, 480x270, 960x540. */
const BUSY = {
  size: { width: 960, height: 540 },
  layers: {
    encodings: [
      { scaleResolutionDownBy: 4, maxBitrate: 100_000, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 2, maxBitrate: 300_000, scalabilityMode: 'L1T3' },
      { scaleResolutionDownBy: 1, maxBitrate: 800_000, scalabilityMode: 'L1T3' },
    ],
    codecOptions: { videoGoogleStartBitrate: 2_000 },
  },
};

/** One stream with layers inside: each size is half as wide as the next. */
function layered(scalabilityMode) {
  return {
    video: SIMULCAST.video,
    encodings: [{ scalabilityMode, maxBitrate: 1_500_000 }],
    codecOptions: { videoGoogleStartBitrate: 1_500 },
  };
}

export class Peer {
  /** Everything the server said, in order: `{event, data}`, names without their prefix. */
  events = [];
  participantId = null;
  #socket = null;
  #device = null;
  #roomId = null;
  #send = null;
  #recv = null;
  /** Producers by source: `audio`, `video`, `screen`. */
  #producers = new Map();
  /** By id: `{consumer, element, firstFrameMs}`. */
  #consumers = new Map();
  /** Of frames from end to end; null: they are in clear. */
  #secret = null;
  #channels = new Channels((name, data) => this.request(name, data));
  /** Settles when the receiving transport is there. */
  #ready = deferred();

  // --- signalling ---

  async connect({ url, auth = {}, transports = ['websocket'] }) {
    this.#socket = io(url, { auth, transports, forceNew: true, reconnection: false });
    this.#socket.onAny((event, data) => this.events.push({ event: event.replace(PREFIX, ''), data }));
    await new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('connect_error', reject);
    });
    return this.#socket.io.engine.transport.name;
  }

  /** The server's answer, be it a success or a failure. */
  ask(name, data) {
    return this.#socket.timeout(REQUEST_TIMEOUT_MS).emitWithAck(PREFIX + name, data);
  }

  /** The server's answer; throws where it is a failure. */
  async request(name, data = {}) {
    const reply = await this.ask(name, { roomId: this.#roomId, ...data });
    if (!reply.success) throw new Error(`${name}: ${reply.code}: ${reply.error}`);
    return reply;
  }

  /** First event of this name whose data has all of `fields`. */
  findEvent(name, fields = {}) {
    return this.events.find(({ event, data }) => event === name && contains(data, fields))?.data;
  }

  disconnect() {
    this.#socket.disconnect();
  }

  // --- a call ---

  /** @param {{roomId: string, name?: string, create?: boolean, watch?: boolean, iceProtocol?: 'udp' | 'tcp',
   *  icePort?: number, key?: number}} options `watch`: consume whatever is or comes; `iceProtocol`: use only such candidates of the
   *  server; `icePort`: and send to this port instead of theirs; `key`: frames are encrypted with it */
  async join({ roomId, name = 'peer', create = false, watch = true, iceProtocol, icePort, key }) {
    this.#roomId = roomId;
    if (key !== undefined) this.#secret = new Secret(key);
    if (watch) {
      this.#socket.on(`${PREFIX}new-producer`, async ({ producer }) => {
        await this.#ready.promise;
        await this.consume(producer.id);
      });
    }
    if (create) await this.request('create-room');
    const { room, participant } = await this.request('join-room', { participantData: { name } });
    this.participantId = participant.id;
    this.#device = await Device.factory();
    await this.#device.load({ routerRtpCapabilities: room.rtpCapabilities });
    this.#send = await this.#createTransport('send', { iceProtocol, icePort });
    this.#recv = await this.#createTransport('recv', { iceProtocol, icePort });
    this.#ready.resolve();
    if (watch) await Promise.all(room.producers.map(({ id }) => this.consume(id)));
    return participant.id;
  }

  /** @returns {Promise<Record<string, string>>} ids of the producers by kind */
  async publish({ audio = true, video = true, codec, simulcast = false, scalabilityMode, frameRate } = {}) {
    const layers = scalabilityMode ? layered(scalabilityMode) : simulcast ? SIMULCAST : undefined;
    const picture = { ...(layers?.video ?? VIDEO), ...(frameRate && { frameRate }) };
    const stream = await navigator.mediaDevices.getUserMedia({ audio, video: video && picture });
    const tracks = stream.getTracks();
    await Promise.all(tracks.map((track) => this.#produce(track, { codecName: codec, layers })));
    return Object.fromEntries([...this.#producers].map(([kind, { id }]) => [kind, id]));
  }

  /** Sends sound and a busy picture, as simulcast. */
  async publishBusy() {
    const [sound] = (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks();
    await this.#produce(sound);
    await this.#produce(busyPicture(BUSY.size), { layers: BUSY.layers });
  }

  /** Sends a beacon's sound and picture. */
  async publishBeacon(name, { size, simulcast } = {}) {
    await this.#produce(beaconSound(name));
    await this.#produce(beaconPicture(name, size), { layers: simulcast ? SIMULCAST : undefined });
  }

  /** Sends a beacon's picture as a screen. */
  async shareScreen(name, size) {
    await this.#produce(beaconPicture(name, size), { source: 'screen' });
  }

  /** Of a producer with several encodings: the highest that is still sent. */
  setMaxLayer(source, layer) {
    return this.#producers.get(source).setMaxSpatialLayer(layer);
  }

  /** Receives a producer; `paused: true` and a resume, as mediasoup recommends, or flowing at once. */
  async consume(producerId, { paused = true } = {}) {
    const { consumer: parameters } = await this.request('create-consumer', {
      transportId: this.#recv.id,
      producerId,
      rtpCapabilities: this.#device.recvRtpCapabilities,
      paused,
    });
    const created = performance.now();
    const { id, kind, rtpParameters } = parameters;
    const onRtpReceiver = (receiver) => this.#secret?.open(receiver);
    const consumer = await this.#recv.consume({ id, producerId, kind, rtpParameters, onRtpReceiver });
    const entry = { consumer, participantId: parameters.participantId, element: play(consumer.track), firstFrameMs: null };
    this.#consumers.set(id, entry);
    if (kind === 'video') {
      entry.element.requestVideoFrameCallback?.((now) => {
        entry.firstFrameMs = now - created;
      });
    }
    if (paused) await this.request('resume-consumer', { consumerId: id });
    return id;
  }

  /** @returns {number | null} ms from the answer with the consumer to its first decoded frame; null: none yet */
  firstFrameMs(consumerId) {
    return this.#consumers.get(consumerId).firstFrameMs;
  }

  async closeConsumer(consumerId) {
    const { consumer, element } = this.#consumers.get(consumerId);
    this.#consumers.delete(consumerId);
    consumer.close();
    element.remove();
    await this.request('close-consumer', { consumerId });
  }

  async pause(source) {
    const producer = this.#producers.get(source);
    producer.pause();
    await this.request('pause-producer', { producerId: producer.id });
  }

  async resume(source) {
    const producer = this.#producers.get(source);
    producer.resume();
    await this.request('resume-producer', { producerId: producer.id });
  }

  async closeProducer(source) {
    const producer = this.#producers.get(source);
    producer.close();
    await this.request('close-producer', { producerId: producer.id });
  }

  async restartIce() {
    for (const transport of [this.#send, this.#recv]) {
      const { iceParameters } = await this.request('restart-ice', { transportId: transport.id });
      await transport.restartIce({ iceParameters });
    }
  }

  // --- data channels ---

  publishData(label, options = {}) {
    return this.#channels.publish(this.#send, label, options);
  }

  readData(dataProducerId) {
    return this.#channels.read(this.#recv, dataProducerId);
  }

  /** Calls a method of the page's `Channels`. */
  data(method, ...args) {
    return this.#channels[method](...args);
  }

  /** Whether so many messages have come. */
  hasData(dataProducerId, count) {
    return this.#channels.got(dataProducerId).length >= count;
  }

  // --- what is received ---

  /** One row for each consumer. */
  received() {
    return Promise.all([...this.#consumers.values()].map(receivedBy));
  }

  /** Whether `count` tracks are there and every one flows: frames decoded, audio energy above zero. */
  async receives(count) {
    const rows = await this.received();
    const flows = ({ kind, framesDecoded, totalAudioEnergy }) =>
      kind === 'video' ? framesDecoded >= 10 : totalAudioEnergy > 0;
    return rows.length === count && rows.every(flows);
  }

  /** Received frames, `{intact, broken}`, of who has a key. */
  frames() {
    return this.#secret.frames;
  }

  /** Whether so many of them are there. */
  opens(outcome, count) {
    return this.#secret.frames[outcome] >= count;
  }

  /** Whether the picture is this wide. */
  async isWide(width) {
    const rows = await this.received();
    return rows.some((row) => row.kind === 'video' && row.frameWidth === width);
  }

  /** Frames of the picture that were encoded, in the encoding with the most. */
  async framesSent() {
    const report = [...(await this.#producers.get('video').getStats()).values()];
    const streams = report.filter(({ type }) => type === 'outbound-rtp');
    return Math.max(...streams.map(({ framesEncoded }) => framesEncoded ?? 0));
  }

  /** All encodings of the picture are sent, each at its full rate. */
  async sendsAll() {
    const { encodings } = this.#producers.get('video').rtpSender.getParameters();
    for (let full = 0; full < 3; ) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const report = [...(await this.#producers.get('video').getStats()).values()];
      const streams = report.filter(({ type, framesPerSecond }) => type === 'outbound-rtp' && framesPerSecond > 15);
      full = streams.length === encodings.length ? full + 1 : 0;
    }
  }

  /** The server's counters of the receiving transport. */
  async transportStats() {
    const { stats } = await this.request('get-stats', { transportId: this.#recv.id });
    return stats[0];
  }

  /** How much of a kind arrived: frames decoded, or bytes of sound. */
  async progress(kind) {
    const rows = (await this.received()).filter((row) => row.kind === kind);
    return rows.reduce((sum, { framesDecoded, bytesReceived }) => sum + (kind === 'video' ? framesDecoded : bytesReceived), 0);
  }

  /** Whether clearly more than `mark` arrived. */
  async progressedBeyond(kind, mark) {
    return (await this.progress(kind)) >= mark + (kind === 'video' ? 10 : 1_000);
  }

  /** For each transport: the state, and how the selected pair travels. */
  async paths() {
    return Promise.all([this.#send, this.#recv].map(pathOf));
  }

  // --- inside ---

  async #createTransport(direction, { iceProtocol, icePort }) {
    const { transport: parameters } = await this.request('create-transport', { direction });
    const iceCandidates = parameters.iceCandidates
      .filter(({ protocol }) => !iceProtocol || protocol === iceProtocol)
      .map((candidate) => ({ ...candidate, port: icePort ?? candidate.port }));
    const options = { ...parameters, iceCandidates };
    const transport =
      direction === 'send' ? this.#device.createSendTransport(options) : this.#device.createRecvTransport(options);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.request('connect-transport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.request('create-producer', { transportId: transport.id, kind, rtpParameters, appData }).then(
        ({ producer }) => done({ id: producer.id }),
        failed,
      );
    });
    this.#channels.serve(transport);
    return transport;
  }

  async #produce(track, { codecName, source = track.kind, layers } = {}) {
    const wanted = track.kind === 'video' && codecName && `video/${codecName}`.toLowerCase();
    const { codecs } = this.#device.sendRtpCapabilities;
    const codec = wanted ? codecs.find(({ mimeType }) => mimeType.toLowerCase() === wanted) : undefined;
    if (wanted && !codec) throw new Error(`no ${wanted} among ${codecs.map(({ mimeType }) => mimeType)}`);
    const { encodings, codecOptions } = (track.kind === 'video' && layers) || {};
    const onRtpSender = (sender) => this.#secret?.seal(sender);
    const appData = { source };
    const producer = await this.#send.produce({ track, codec, encodings, codecOptions, appData, onRtpSender });
    this.#producers.set(source, producer);
  }
}

function deferred() {
  const result = {};
  result.promise = new Promise((resolve) => {
    result.resolve = resolve;
  });
  return result;
}

function contains(data, fields) {
  return Object.entries(fields).every(([key, value]) =>
    value !== null && typeof value === 'object' ? contains(data?.[key], value) : data?.[key] === value,
  );
}

function play(track) {
  const element = document.createElement(track.kind);
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
  return element;
}

async function receivedBy({ consumer, participantId }) {
  const report = [...(await consumer.getStats()).values()];
  const stream = report.find(({ type }) => type === 'inbound-rtp') ?? {};
  const codec = report.find(({ id }) => id === stream.codecId);
  return {
    consumerId: consumer.id,
    producerId: consumer.producerId,
    participantId,
    kind: consumer.kind,
    mimeType: codec?.mimeType ?? '',
    bytesReceived: stream.bytesReceived ?? 0,
    packetsLost: stream.packetsLost ?? 0,
    framesDecoded: stream.framesDecoded ?? 0,
    frameWidth: stream.frameWidth ?? 0,
    freezeCount: stream.freezeCount ?? 0,
    totalFreezesDuration: stream.totalFreezesDuration ?? 0,
    concealedSamples: stream.concealedSamples ?? 0,
    totalSamplesReceived: stream.totalSamplesReceived ?? 0,
    totalAudioEnergy: stream.totalAudioEnergy ?? 0,
  };
}

async function pathOf(transport) {
  const report = [...(await transport.getStats()).values()];
  const byId = (wanted) => report.find(({ id }) => id === wanted);
  const pair =
    byId(report.find(({ type }) => type === 'transport')?.selectedCandidatePairId) ??
    report.find(({ type, selected }) => type === 'candidate-pair' && selected);
  return {
    direction: transport.direction,
    state: transport.connectionState,
    protocol: byId(pair?.localCandidateId)?.protocol ?? null,
  };
}
