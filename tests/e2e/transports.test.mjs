// Ways through the network.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const fixture = useFixture();

async function pairOf(options) {
  const roomId = newRoomId();
  const pair = [];
  for (const create of [true, false]) {
    const peer = await fixture.joined({ roomId, create, ...options });
    await peer.do('publish');
    pair.push(peer);
  }
  for (const peer of pair) await peer.receives(2);
  return pair;
}

test('media goes over UDP where it can', { timeout: 60_000 }, async () => {
  for (const peer of await pairOf({})) {
    const paths = await peer.do('paths');
    assert.deepEqual(paths.map(({ state, protocol }) => [state, protocol]), Array(2).fill(['connected', 'udp']));
  }
});

test('media goes over TCP alone', { timeout: 60_000 }, async () => {
  for (const peer of await pairOf({ iceProtocol: 'tcp' })) {
    const paths = await peer.do('paths');
    assert.deepEqual(paths.map(({ state, protocol }) => [state, protocol]), Array(2).fill(['connected', 'tcp']));
  }
});

test('an ICE restart does not end the call', { timeout: 60_000 }, async () => {
  const pair = await pairOf({});

  for (const peer of pair) await peer.do('restartIce');

  for (const peer of pair) {
    for (const kind of ['audio', 'video']) await peer.advances(kind);
    const paths = await peer.do('paths');
    assert.deepEqual(paths.map(({ state }) => state), ['connected', 'connected']);
  }
});

for (const namespace of ['/', '/ws']) {
  for (const transport of ['websocket', 'polling']) {
    test(`a call over namespace ${namespace} by ${transport}`, { timeout: 60_000 }, async () => {
      const roomId = newRoomId();
      const socket = { namespace, transports: [transport] };
      const pair = [];
      for (const create of [true, false]) {
        const peer = await fixture.joined({ roomId, create }, socket);
        await peer.do('publish');
        pair.push(peer);
      }
      for (const peer of pair) await peer.receives(2);
    });
  }
}

test('both namespaces share the rooms', { timeout: 60_000 }, async () => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true }, { namespace: '/' });
  await sender.do('publish');
  const viewer = await fixture.joined({ roomId }, { namespace: '/ws' });

  await viewer.receives(2);
});
