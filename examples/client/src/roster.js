// Who is in the room and what each of them sends: plain bookkeeping, no network.

/** @typedef {{producerId: string, source: string, kind: string, paused: boolean, track: MediaStreamTrack | null,
 *   consumer: object | null, unplayable: boolean, choice: string, layers: object | null}} Feed `choice`: of the picture's
 *   quality; `layers`: which ones the server sends */

export class Roster {
  #participants = new Map();

  /** In order of joining. */
  get participants() {
    return [...this.#participants.values()];
  }

  add({ id, data }) {
    if (this.#participants.has(id)) return;
    this.#participants.set(id, { id, name: nameOf(id, data), feeds: new Map() });
  }

  remove(participantId) {
    const participant = this.#participants.get(participantId);
    this.#participants.delete(participantId);
    return participant;
  }

  clear() {
    this.#participants.clear();
  }

  /** @returns {Feed | undefined} the new feed; nothing where its participant is gone. */
  addFeed({ id, participantId, kind, paused, appData }) {
    const participant = this.#participants.get(participantId);
    if (!participant) return undefined;
    const source = appData?.source ?? (kind === 'audio' ? 'mic' : 'camera');
    const feed = { producerId: id, source, kind, paused, track: null, consumer: null, unplayable: false, choice: 'auto', layers: null };
    participant.feeds.set(id, feed);
    return feed;
  }

  removeFeed(producerId) {
    for (const { feeds } of this.#participants.values()) {
      const feed = feeds.get(producerId);
      if (feed) {
        feeds.delete(producerId);
        return feed;
      }
    }
    return undefined;
  }

  /** @returns {Feed | undefined} */
  feed(producerId) {
    return this.feeds().find((feed) => feed.producerId === producerId);
  }

  feeds() {
    return this.participants.flatMap(({ feeds }) => [...feeds.values()]);
  }
}

function nameOf(id, data) {
  const name = typeof data?.name === 'string' ? data.name.trim() : '';
  return name || `Guest ${id.slice(0, 4)}`;
}
