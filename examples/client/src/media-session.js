// mediasoup-client in one room: a device, a transport each way, producers and consumers.

import { Device } from 'mediasoup-client';

/** A disconnected transport often comes back by itself; after this long it gets an ICE restart. */
const ICE_RESTART_DELAY_MS = 2_500;

const CODEC_OPTIONS = {
  mic: { opusDtx: true, opusFec: true },
  camera: { videoGoogleStartBitrate: 1_000 },
  screen: { videoGoogleStartBitrate: 1_000 },
};

/** A camera comes in three sizes, of which everybody gets the one that suits; the smallest is the first. */
const SIMULCAST = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
  { scaleResolutionDownBy: 1, maxBitrate: 1_800_000, scalabilityMode: 'L1T3' },
];

/** The same in one stream, of codecs that can. */
const SVC = [{ maxBitrate: 1_800_000, scalabilityMode: 'L3T3_KEY' }];
const SVC_CODECS = ['video/vp9', 'video/av1'];

const SCREEN = [{ maxBitrate: 2_500_000 }];

/** Dispatches `connectionstate` whenever the state of either transport changes. */
export class MediaSession extends EventTarget {
  #signaling;
  #roomId;
  #videoCodec;
  #device;
  #transports = {};
  #restartTimers = {};

  /** @param {string} [videoCodec] name of the video codec to send, such as `vp9`; absent: the room's first. */
  constructor(signaling, roomId, videoCodec) {
    super();
    this.#signaling = signaling;
    this.#roomId = roomId;
    this.#videoCodec = videoCodec?.toLowerCase();
  }

  async open(routerRtpCapabilities, iceServers) {
    this.#device = await Device.factory();
    await this.#device.load({ routerRtpCapabilities });
    await Promise.all([this.#openTransport('send', iceServers), this.#openTransport('recv', iceServers)]);
  }

  close() {
    for (const direction of Object.keys(this.#transports)) {
      clearTimeout(this.#restartTimers[direction]);
      this.#transports[direction].close();
    }
  }

  canProduce(kind) {
    return this.#device.canProduce(kind);
  }

  /** Sends `track`; `source` says what it shows, and goes to the others as `appData.source`. */
  produce(source, track) {
    const codec = track.kind === 'video' ? this.#videoCodecToSend() : undefined;
    return this.#transports.send.produce({
      track,
      codec,
      codecOptions: CODEC_OPTIONS[source],
      encodings: encodingsOf(source, codec),
      stopTracks: false,
      appData: { source },
    });
  }

  /**
   * Receives a producer. The consumer is created paused and resumed when its receiver is in place: the key frame that
   * the server asks for on resume is then not lost.
   */
  async consume(producerId) {
    const { consumer: parameters } = await this.#request('create-consumer', {
      transportId: this.#transports.recv.id,
      producerId,
      rtpCapabilities: this.#device.recvRtpCapabilities,
      paused: true,
    });
    const { id, kind, rtpParameters } = parameters;
    const consumer = await this.#transports.recv.consume({ id, producerId, kind, rtpParameters });
    await this.#request('resume-consumer', { consumerId: id });
    return consumer;
  }

  /** Opens a data channel to write to. */
  produceData(label) {
    return this.#transports.send.produceData({ label, ordered: true });
  }

  /** Receives a data channel; created paused like a consumer, so that nothing comes before there is who reads it. */
  async consumeData(dataProducerId, prepare) {
    const { dataConsumer: parameters } = await this.#request('create-data-consumer', {
      transportId: this.#transports.recv.id,
      dataProducerId,
      paused: true,
    });
    const { id, sctpStreamParameters, label, protocol } = parameters;
    const consumer = await this.#transports.recv.consumeData({
      id,
      dataProducerId,
      sctpStreamParameters,
      label,
      protocol,
    });
    prepare(consumer);
    await this.#request('resume-data-consumer', { dataConsumerId: id });
    return consumer;
  }

  /** The worse of the two transports' states; `new` where nothing was sent or received yet. */
  get connectionState() {
    const states = Object.values(this.#transports).map((transport) => transport.connectionState);
    const worstFirst = ['failed', 'disconnected', 'connecting', 'connected', 'new'];
    return worstFirst.find((state) => states.includes(state)) ?? 'new';
  }

  async #openTransport(direction, iceServers) {
    const { transport: parameters } = await this.#request('create-transport', { direction });
    const options = { ...parameters, iceServers: parameters.iceServers ?? iceServers };
    const transport =
      direction === 'send' ? this.#device.createSendTransport(options) : this.#device.createRecvTransport(options);
    this.#transports[direction] = transport;

    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#request('connect-transport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
      this.#request('create-producer', { transportId: transport.id, kind, rtpParameters, appData }).then(
        ({ producer }) => done({ id: producer.id }),
        failed,
      );
    });
    transport.on('producedata', ({ sctpStreamParameters, label, protocol, appData }, done, failed) => {
      const channel = { sctpStreamParameters, label, protocol, appData };
      this.#request('create-data-producer', { transportId: transport.id, ...channel }).then(
        ({ dataProducer }) => done({ id: dataProducer.id }),
        failed,
      );
    });
    transport.on('connectionstatechange', (state) => this.#transportChanged(direction, state));
  }

  #transportChanged(direction, state) {
    clearTimeout(this.#restartTimers[direction]);
    if (state === 'disconnected' || state === 'failed') {
      const delay = state === 'failed' ? 0 : ICE_RESTART_DELAY_MS;
      this.#restartTimers[direction] = setTimeout(() => this.#restartIce(direction), delay);
    }
    this.dispatchEvent(new Event('connectionstate'));
  }

  async #restartIce(direction) {
    const transport = this.#transports[direction];
    try {
      const { iceParameters } = await this.#request('restart-ice', { transportId: transport.id });
      await transport.restartIce({ iceParameters });
    } catch (error) {
      // Without signalling there is nothing to restart with: the reconnection makes new transports.
      console.warn('ICE restart failed', error);
    }
  }

  #videoCodecToSend() {
    const codecs = this.#device.sendRtpCapabilities.codecs.filter(({ kind }) => kind === 'video');
    return codecs.find(({ mimeType }) => mimeType.toLowerCase() === `video/${this.#videoCodec}`) ?? codecs[0];
  }

  #request(name, data) {
    return this.#signaling.request(name, { roomId: this.#roomId, ...data });
  }
}

function encodingsOf(source, codec) {
  if (source === 'mic') return undefined;
  if (source === 'screen') return SCREEN;
  return SVC_CODECS.includes(codec?.mimeType.toLowerCase()) ? SVC : SIMULCAST;
}
