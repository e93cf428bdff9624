// Python's aiortc, with the pymediasoup of PyPI, in a call with Chromium.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';
import { PythonPeer } from './harness/python-peer.mjs';

const fixture = useFixture();
const peers = [];
afterEach(() => peers.splice(0).forEach((peer) => peer.kill()));

function python(options) {
  const peer = new PythonPeer(fixture.server, options);
  peers.push(peer);
  return peer;
}

for (const codec of ['VP8', 'H264']) {
  test(`aiortc and Chromium see each other's ${codec} and hear each other`, { timeout: 90_000 }, async () => {
    const roomId = newRoomId();
    const browser = await fixture.joined({ roomId, create: true });
    await browser.do('publish', { codec });
    const peer = python({ roomId, codec });

    const rows = await browser.receives(2);
    assert.deepEqual(rows.map(({ mimeType }) => mimeType).sort(), ['audio/opus', `video/${codec}`]);
    await browser.isWide(256);
    const picture = await peer.event('receives', { kind: 'video' });
    assert.deepEqual([picture.mimeType, picture.width, picture.height], [`video/${codec}`, 320, 240]);
    assert.equal((await peer.event('receives', { kind: 'audio' })).mimeType, 'audio/opus');
    // Where aiortc is the DTLS server, this server is the client.
    const roles = peer.events.filter(({ event }) => event === 'connect').map(({ direction, role }) => [direction, role]);
    assert.deepEqual(Object.fromEntries(roles), { send: 'server', recv: 'client' });

    await peer.leave();
    await browser.event('participant-left');
  });
}

test('text and bytes go over data channels between aiortc and Chromium', { timeout: 90_000 }, async () => {
  const roomId = newRoomId();
  const browser = await fixture.joined({ roomId, create: true });
  const id = await browser.do('publishData', 'chat');
  const peer = python({ roomId, codec: 'VP8' });
  await peer.event('listens');
  const { dataProducer } = await browser.event('new-data-producer');
  await browser.do('readData', dataProducer.id);
  await peer.event('published');

  const sent = [{ text: 'grüß dich 👋' }, { size: 1 }, { size: 60_000 }, { text: 'last' }];
  for (const message of sent) {
    peer.send(message);
    await browser.do('data', 'send', 'chat', message);
  }

  const expected = sent.map((message) => ('size' in message ? { ...message, intact: true } : message));
  assert.deepEqual(await browser.dataFrom(dataProducer.id, sent.length), expected);
  await peer.event('message', { text: 'last' });
  const messages = peer.events.filter(({ event }) => event === 'message').map(({ event, ...message }) => message);
  assert.deepEqual(messages, expected);
});
