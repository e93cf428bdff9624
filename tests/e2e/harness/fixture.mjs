// What most test files need: a server, the test page, a Chromium; and the pages that a test opened.

import { after, afterEach, before } from 'node:test';

import { launchChromium } from './browsers.mjs';
import { PeerPage } from './peer-page.mjs';
import { startServer } from './server.mjs';
import { serveTestPage } from './test-page.mjs';

/** Sets up the file's fixture, with this environment of the server; its parts are there once tests run. */
export function useFixture({ launch = launchChromium, env } = {}) {
  const fixture = {
    server: null,
    browser: null,
    testPage: null,

    /** A participant's page, connected to the server and in the room. */
    async joined(join, { namespace = '/', transports, browser } = {}) {
      const peer = await this.open(browser);
      await peer.do('connect', { url: this.server.url + namespace, transports });
      await peer.do('join', join);
      return peer;
    },

    async open(browser = this.browser) {
      const peer = await PeerPage.open(browser, this.testPage);
      peers.push(peer);
      return peer;
    },
  };
  const peers = [];

  before(async () => {
    // Waits for each, also when one fails: what has come up is ended by `after`.
    const starting = { server: startServer({ env }), testPage: serveTestPage(), browser: launch() };
    const outcomes = await Promise.allSettled(
      Object.entries(starting).map(async ([name, part]) => {
        fixture[name] = await part;
      }),
    );
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  });
  afterEach(async () => {
    await Promise.allSettled(peers.splice(0).map((peer) => peer.close()));
  });
  after(async () => {
    await Promise.allSettled([fixture.browser?.close(), fixture.testPage?.close(), fixture.server?.stop()]);
  });
  return fixture;
}
