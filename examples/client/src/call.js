// A call: one person's stay in one room, over reconnections, until they leave or the room ends it.

import { Chat } from './chat.js';
import { MediaSession } from './media-session.js';
import { choose } from './quality.js';
import { RoomRecording } from './recording.js';
import { Roster } from './roster.js';
import { Signaling, SignalingError } from './signaling.js';

const SOURCES = ['mic', 'camera', 'screen'];

/**
 * Events: `change` (anything to show changed), `problem` (detail: an error a person should see), `notice` (detail: text),
 * `recorded` (detail: a recording whose files are finished), `ended` (detail: `{reason}` or `{error}`; not sent when the
 * person leaves).
 *
 * `state` is `joining`, `joined`, `reconnecting` or `ended`.
 */
export class Call extends EventTarget {
  state = 'joining';
  roomId;
  selfId = null;
  /** Id of the participant that speaks now, oneself perhaps; null in silence. */
  speaker = null;
  roster = new Roster();
  recording = new RoomRecording();
  chat = new Chat();
  /** This person's in this room: `admin`, `host` or `participant`. */
  role = 'participant';
  serverUrl;
  token;

  #recordable = false;
  #name;
  #videoCodec;
  #local;
  #signaling;
  #media = null;
  /** What this person wants to send, of `mic`, `camera`, `screen`; kept over a reconnection. */
  #wanted = new Set();
  /** This person's producers by source; paused where they were wanted before. */
  #producers = new Map();
  /** What the server sends of each consumer with layers, by its id. */
  #layers = new Map();
  /** Events that came while a join was in flight, to be handled after it. */
  #backlog = [];
  /** Counts the joins, so that one overtaken by a newer one can tell. */
  #joins = 0;

  constructor({ serverUrl, token, roomId, name, videoCodec, local }) {
    super();
    this.roomId = roomId;
    this.serverUrl = serverUrl;
    this.token = token;
    this.#name = name;
    this.#videoCodec = videoCodec;
    this.#local = local;
    this.#wanted = new Set(SOURCES.filter((source) => local[source]));
    this.#signaling = new Signaling(serverUrl, token);
  }

  /** Connects, creates the room if asked to, and joins it. On failure the call is over. */
  async start({ create }) {
    this.#listen();
    try {
      await this.#signaling.connect();
      if (create) await this.#request('create-room', {});
      await this.#join();
    } catch (error) {
      this.#finish();
      throw error;
    }
    this.#signaling.watch({
      lost: () => this.#lost(),
      back: () => this.#rejoin(),
      refused: (error) => this.#end({ error }),
    });
  }

  async leave() {
    const told = this.state === 'joined' ? this.#request('leave-room', {}).catch(() => {}) : undefined;
    this.state = 'ended';
    await told;
    this.#finish();
  }

  get connectionState() {
    return this.#media?.connectionState ?? 'new';
  }

  /** Whether this person sends `source`, or will as soon as the connection is back. */
  sends(source) {
    return this.#wanted.has(source);
  }

  async setMic(on) {
    await (on ? this.#send('mic') : this.#pause('mic'));
  }

  async setCamera(on) {
    await (on ? this.#send('camera') : this.#pause('camera'));
  }

  async setScreen(on) {
    await (on ? this.#send('screen') : this.#stop('screen'));
  }

  /** Whether this person may start and stop the recording. */
  get mayRecord() {
    return this.#recordable && this.role !== 'participant';
  }

  /** Wants a better or a smaller picture of a feed: one of `CHOICES`. */
  async setQuality(feed, choice) {
    const before = feed.choice;
    feed.choice = choice;
    try {
      await choose((name, data) => this.#request(name, data), feed.consumer, choice);
    } catch (error) {
      feed.choice = before;
      throw error;
    } finally {
      this.#changed();
    }
  }

  async setRecording(on) {
    await this.#request(on ? 'start-recording' : 'stop-recording', {});
  }

  /** Figures of everything received, for tests and the curious. */
  async receivedStats() {
    const consumers = this.roster.feeds().flatMap(({ consumer }) => consumer ?? []);
    return Promise.all(
      consumers.map(async (consumer) => {
        const report = await consumer.getStats();
        const stats = [...report.values()].find(({ type }) => type === 'inbound-rtp');
        return {
          producerId: consumer.producerId,
          kind: consumer.kind,
          mimeType: report.get(stats?.codecId)?.mimeType ?? '',
          framesDecoded: stats?.framesDecoded ?? 0,
          totalAudioEnergy: stats?.totalAudioEnergy ?? 0,
          bytesReceived: stats?.bytesReceived ?? 0,
        };
      }),
    );
  }

  // --- joining ---

  async #join() {
    const { room, participant, iceServers, role } = await this.#request('join-room', {
      participantData: { name: this.#name },
    });
    this.selfId = participant.id;
    this.role = role;
    this.#recordable = room.options.enableRecording;
    this.recording.join(room.recording);
    this.speaker = room.activeSpeaker?.participantId ?? null;
    this.roster.clear();
    for (const other of room.participants) {
      if (other.id !== this.selfId) this.roster.add(other);
    }

    this.#media = new MediaSession(this.#signaling, this.roomId, this.#videoCodec);
    this.#media.addEventListener('connectionstate', () => this.#changed());
    await this.#media.open(room.rtpCapabilities, iceServers);

    this.state = 'joined';
    this.chat.connect(this.#media).catch((error) => this.#problem(error));
    for (const producer of room.producers) this.#watchProducer(producer);
    for (const dataProducer of room.dataProducers) this.#followChat(dataProducer);
    for (const handle of this.#backlog.splice(0)) handle();
    this.#changed();
    // One device that fails must not end the call: its owner is told, and can try again.
    for (const source of this.#wanted) this.#send(source).catch((error) => this.#problem(error));
  }

  #lost() {
    if (this.state === 'ended') return;
    this.state = 'reconnecting';
    this.#backlog.length = 0;
    this.speaker = null;
    this.#changed();
  }

  async #rejoin() {
    if (this.state !== 'reconnecting') return;
    const turn = ++this.#joins;
    this.#closeMedia();
    try {
      await this.#join().catch((error) => this.#recover(error));
    } catch (error) {
      // When the connection went once more, its return tries again.
      if (turn === this.#joins && this.#signaling.connected) this.#end({ error });
    }
  }

  /** A server that was started anew doesn't know the room any longer: whoever comes back first makes it again. */
  async #recover(error) {
    if (error.code !== 'ROOM_NOT_FOUND') throw error;
    await this.#request('create-room', {}).catch((refusal) => {
      if (refusal.code !== 'ROOM_EXISTS') throw refusal;
    });
    await this.#join();
  }

  // --- sending ---

  async #send(source) {
    const track = await this.#local.open(source);
    this.#wanted.add(source);
    this.#changed();
    try {
      const producer = this.#producers.get(source);
      await (producer ? this.#resume(producer, track) : this.#produce(source, track));
    } catch (error) {
      this.#wanted.delete(source);
      throw error;
    } finally {
      this.#changed();
    }
  }

  async #produce(source, track) {
    if (!this.#media.canProduce(track.kind)) {
      throw new SignalingError('UNSUPPORTED', `this room takes no ${track.kind} that the browser can send`);
    }
    this.#producers.set(source, await this.#media.produce(source, track));
  }

  async #resume(producer, track) {
    if (producer.track !== track) await producer.replaceTrack({ track });
    producer.resume();
    await this.#request('resume-producer', { producerId: producer.id });
  }

  async #pause(source) {
    this.#wanted.delete(source);
    const producer = this.#producers.get(source);
    producer?.pause();
    if (source === 'camera') {
      await producer?.replaceTrack({ track: null });
      this.#local.close('camera');
    }
    this.#changed();
    if (producer) await this.#request('pause-producer', { producerId: producer.id });
  }

  async #stop(source) {
    this.#wanted.delete(source);
    this.#local.close(source);
    this.#changed();
    const producer = this.#producers.get(source);
    if (!producer) return;
    this.#producers.delete(source);
    producer.close();
    await this.#request('close-producer', { producerId: producer.id });
  }

  // --- receiving ---

  #listen() {
    this.#on('participant-joined', ({ participant }) => {
      if (participant.id !== this.selfId) this.roster.add(participant);
    });
    this.#on('participant-left', ({ participantId }) => {
      const participant = this.roster.remove(participantId);
      participant?.feeds.forEach((feed) => feed.consumer?.close());
    });
    this.#on('new-producer', ({ producer }) => this.#watchProducer(producer));
    this.#on('producer-closed', ({ producerId }) => this.#producerClosed(producerId));
    this.#on('producer-paused', ({ producerId }) => this.#producerPaused(producerId, true));
    this.#on('producer-resumed', ({ producerId }) => this.#producerPaused(producerId, false));
    this.#on('active-speaker', ({ participantId }) => {
      this.speaker = participantId;
    });
    this.#on('consumer-closed', ({ producerId }) => this.#forget(producerId));
    this.#on('consumer-layers-changed', ({ consumerId, layers }) => this.#layersChanged(consumerId, layers));
    this.#on('new-data-producer', ({ dataProducer }) => this.#followChat(dataProducer));
    this.#on('data-consumer-closed', ({ dataProducerId }) => this.chat.stopReading(dataProducerId));
    this.#on('data-producer-closed', ({ dataProducerId }) => this.chat.stopReading(dataProducerId));
    this.#on('recording-started', () => {
      this.recording.start();
      this.#notice('This call is being recorded.');
    });
    this.#on('recording-stopped', () => {
      this.recording.stop();
      this.#notice('The recording has ended.');
    });
    this.#on('recording-ready', ({ recording }) => {
      this.dispatchEvent(new CustomEvent('recorded', { detail: recording }));
    });
    this.#on('recording-failed', ({ error }) => this.#problem(new SignalingError('RECORDING_FAILED', error)));
    this.#on('room-left', ({ reason }) => this.#end({ reason }));
    this.#on('room-closed', ({ reason }) => this.#end({ reason }));
    this.#on('server-draining', ({ deadline }) => this.#draining(deadline));
  }

  #on(event, handler) {
    this.#signaling.on(event, (data) => {
      if (data?.roomId !== undefined && data.roomId !== this.roomId) return;
      if (this.state === 'ended') return;
      const handle = () => {
        handler(data);
        this.#changed();
      };
      if (this.state === 'joined') handle();
      else this.#backlog.push(handle);
    });
  }

  async #watchProducer(producer) {
    if (producer.participantId === this.selfId) return;
    const feed = this.roster.addFeed(producer);
    if (!feed) return;
    try {
      const consumer = await this.#media.consume(producer.id);
      // It may have gone while its consumer was being made.
      if (this.roster.feed(producer.id) !== feed) return consumer.close();
      feed.consumer = consumer;
      feed.track = consumer.track;
      feed.layers = this.#layers.get(consumer.id) ?? null;
    } catch (error) {
      if (this.roster.feed(producer.id) !== feed) return;
      feed.unplayable = true;
      this.#problem(error);
    }
    this.#changed();
  }

  #followChat(dataProducer) {
    const author = this.roster.participants.find(({ id }) => id === dataProducer.participantId);
    if (author) this.chat.follow(dataProducer, author.name).catch((error) => this.#problem(error));
  }

  #layersChanged(consumerId, layers) {
    // The first may come before the consumer is known here.
    this.#layers.set(consumerId, layers);
    const feed = this.roster.feeds().find(({ consumer }) => consumer?.id === consumerId);
    if (feed) feed.layers = layers;
  }

  #producerClosed(producerId) {
    const own = this.#sourceOf(producerId);
    if (!own) return this.#forget(producerId);
    // Closed by the host: the person did not ask for it.
    this.#producers.get(own).close();
    this.#producers.delete(own);
    this.#wanted.delete(own);
    this.#local.close(own);
    this.#notice(`The host stopped your ${own === 'mic' ? 'microphone' : own}.`);
  }

  #producerPaused(producerId, paused) {
    const own = this.#sourceOf(producerId);
    if (own && paused && this.#wanted.delete(own)) {
      this.#producers.get(own).pause();
      this.#notice(own === 'mic' ? 'The host muted you.' : 'The host turned your camera off.');
    }
    const feed = this.roster.feed(producerId);
    if (!feed) return;
    feed.paused = paused;
    if (paused) feed.consumer?.pause();
    else feed.consumer?.resume();
  }

  #forget(producerId) {
    const consumer = this.roster.removeFeed(producerId)?.consumer;
    this.#layers.delete(consumer?.id);
    consumer?.close();
  }

  #sourceOf(producerId) {
    return [...this.#producers].find(([, producer]) => producer.id === producerId)?.[0];
  }

  #draining(deadline) {
    const time = new Date(deadline).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    this.#notice(`The server restarts soon: this call ends at ${time}.`);
  }

  // --- ending ---

  #end(detail) {
    if (this.state === 'ended') return;
    this.#finish();
    this.dispatchEvent(new CustomEvent('ended', { detail }));
  }

  #finish() {
    this.state = 'ended';
    this.#closeMedia();
    this.roster.clear();
    this.#signaling.close();
  }

  #closeMedia() {
    this.#media?.close();
    this.#media = null;
    this.chat.disconnect();
    this.#producers.clear();
    this.#layers.clear();
  }

  #request(name, data) {
    return this.#signaling.request(name, { roomId: this.roomId, ...data });
  }

  #problem(error) {
    if (this.state !== 'ended') this.dispatchEvent(new CustomEvent('problem', { detail: error }));
  }

  #notice(text) {
    this.dispatchEvent(new CustomEvent('notice', { detail: text }));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
