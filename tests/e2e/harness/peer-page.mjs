// A page with one participant in it, seen from a test.

import { openWindow } from './browsers.mjs';

const WAIT_MS = 20_000;
const POLL_MS = 50;

export class PeerPage {
  #page;
  #problems = [];

  static async open(browser, testPage) {
    const page = await openWindow(browser);
    const peer = new PeerPage(page);
    await page.goto(testPage.url);
    return peer;
  }

  constructor(page) {
    this.#page = page;
    page.on('pageerror', (error) => this.#problems.push(error.message));
  }

  /** Calls a method of the page's `Peer`. */
  do(method, ...args) {
    return this.#page.evaluate((name, values) => window.peer[name](...values), method, args);
  }

  get id() {
    return this.#page.evaluate(() => window.peer.participantId);
  }

  /** Waits for an event that came or will come; returns its data. */
  async event(name, fields = {}) {
    const handle = await this.#until(`event ${name} ${JSON.stringify(fields)}`, 'findEvent', name, fields);
    return handle.jsonValue();
  }

  /** Waits until `count` remote tracks are there and every one flows. */
  async receives(count) {
    await this.#until(`${count} tracks to flow`, 'receives', count);
    return this.do('received');
  }

  /** Waits until the picture is this wide. */
  async isWide(width) {
    await this.#until(`a picture ${width} wide`, 'isWide', width);
  }

  /** Waits until so many encrypted frames have come that are `intact` or `broken`. */
  async opens(outcome, count) {
    await this.#until(`${count} ${outcome} frames`, 'opens', outcome, count);
  }

  /** Waits until more of this kind arrives than there is now. */
  async advances(kind) {
    const mark = await this.do('progress', kind);
    await this.#until(`more ${kind}`, 'progressedBeyond', kind, mark);
  }

  /** Waits until so many messages have come over a data channel; what they are. */
  async dataFrom(dataProducerId, count) {
    await this.#until(`${count} messages`, 'hasData', dataProducerId, count);
    return this.do('data', 'got', dataProducerId);
  }

  /** Waits until a method of the page's `Channels` answers with something true. */
  async untilData(what, method, ...args) {
    await this.#until(what, 'data', method, ...args);
  }

  /** Waits until a method of the page's `Peer` answers with something true. */
  async #until(what, method, ...args) {
    const holds = (name, values) => window.peer[name](...values);
    try {
      return await this.#page.waitForFunction(holds, { timeout: WAIT_MS, polling: POLL_MS }, method, args);
    } catch (error) {
      const seen = await this.#page.evaluate(async () => ({
        received: await window.peer.received(),
        events: window.peer.events.map(({ event }) => event),
      })).catch(() => 'the page is gone');
      throw new Error(`waited for ${what}: ${error.message}\n${JSON.stringify({ seen, problems: this.#problems }, null, 1)}`);
    }
  }

  async firstFrameMs(consumerId) {
    const handle = await this.#until('the first frame', 'firstFrameMs', consumerId);
    return handle.jsonValue();
  }

  /** Ends the page without a goodbye: its socket just stops. */
  async close() {
    await this.#page.close({ runBeforeUnload: false });
  }

  /** Crashes the page's process. */
  async crash() {
    // It never answers: the process is gone.
    this.#page.goto('chrome://crash').catch(() => {});
    await new Promise((resolve) => this.#page.once('error', resolve));
  }

  get page() {
    return this.#page;
  }
}

/** Ids of rooms that no other test uses. */
let rooms = 0;
export function newRoomId() {
  rooms += 1;
  return `e2e-${process.pid}-${rooms}`;
}
