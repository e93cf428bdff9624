// Sound and pictures between browsers.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const fixture = useFixture();

for (const count of [2, 4]) {
  test(`${count} participants hear and see each other`, { timeout: 90_000 }, async () => {
    const roomId = newRoomId();
    const peers = [];
    for (let index = 0; index < count; index += 1) {
      const peer = await fixture.joined({ roomId, name: `peer ${index}`, create: index === 0 });
      await peer.do('publish');
      peers.push(peer);
    }

    for (const peer of peers) {
      const rows = await peer.receives(2 * (count - 1));
      const self = await peer.id;
      const others = await Promise.all(peers.filter((other) => other !== peer).map((other) => other.id));
      assert.equal(others.includes(self), false);
      for (const other of others) {
        const kinds = rows.filter(({ participantId }) => participantId === other).map(({ kind }) => kind);
        assert.deepEqual(kinds.sort(), ['audio', 'video'], `tracks of ${other}`);
      }
    }
  });
}

for (const codec of ['VP8', 'H264', 'VP9', 'AV1']) {
  test(`${codec} is decoded on the other side`, { timeout: 60_000 }, async () => {
    const roomId = newRoomId();
    const sender = await fixture.joined({ roomId, create: true });
    await sender.do('publish', { audio: false, codec });
    const viewer = await fixture.joined({ roomId });

    const [video] = await viewer.receives(1);

    assert.equal(video.mimeType, `video/${codec}`);
  });
}

test('a consumer that was not asked to be paused flows at once', { timeout: 60_000 }, async () => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true });
  const { audio, video } = await sender.do('publish');
  const viewer = await fixture.joined({ roomId, watch: false });

  await viewer.do('consume', video, { paused: false });
  await viewer.do('consume', audio, { paused: false });

  await viewer.receives(2);
});

test('the first frame comes within a second of consumer-created', { timeout: 60_000 }, async (context) => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true });
  const { video } = await sender.do('publish', { audio: false });
  const viewer = await fixture.joined({ roomId, watch: false });

  const times = [];
  for (let round = 0; round < 10; round += 1) {
    const consumerId = await viewer.do('consume', video);
    times.push(await viewer.firstFrameMs(consumerId));
    await viewer.do('closeConsumer', consumerId);
  }

  times.sort((a, b) => a - b);
  const median = (times[4] + times[5]) / 2;
  context.diagnostic(`first frame: median ${median.toFixed(0)} ms, all ${times.map((ms) => ms.toFixed(0)).join(' ')}`);
  assert.ok(median <= 1_000, `median ${median} ms`);
});
