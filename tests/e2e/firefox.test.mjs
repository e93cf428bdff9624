// Firefox, alone and with Chromium.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchChromium, launchFirefox } from './harness/browsers.mjs';
import { useFixture } from './harness/fixture.mjs';
import { requireNamespace } from './harness/namespace.mjs';
import { newRoomId } from './harness/peer-page.mjs';

before(requireNamespace);
const fixture = useFixture({ launch: launchFirefox });
let chromium;
before(async () => {
  chromium = await launchChromium();
});
after(() => chromium?.close());

for (const codec of ['VP8', 'VP9', 'AV1']) {
  test(`Firefox sends and decodes ${codec}`, { timeout: 90_000 }, async () => {
    const roomId = newRoomId();
    const sender = await fixture.joined({ roomId, create: true });
    await sender.do('publish', { codec });
    const viewer = await fixture.joined({ roomId });

    const rows = await viewer.receives(2);

    const video = rows.find(({ kind }) => kind === 'video');
    assert.equal(video.mimeType, `video/${codec}`);
  });
}

test('Firefox and Chromium see and hear each other', { timeout: 90_000 }, async () => {
  const roomId = newRoomId();
  const pair = [];
  for (const browser of [fixture.browser, chromium]) {
    const peer = await fixture.joined({ roomId, create: !pair.length }, { browser });
    await peer.do('publish');
    pair.push(peer);
  }

  for (const peer of pair) await peer.receives(2);
});

test('Firefox survives an ICE restart', { timeout: 90_000 }, async () => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true });
  await sender.do('publish');
  const viewer = await fixture.joined({ roomId });
  await viewer.receives(2);

  for (const peer of [sender, viewer]) await peer.do('restartIce');

  for (const kind of ['audio', 'video']) await viewer.advances(kind);
});
