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

const ROUNDS = 10;

test('who joins a call sees the first frame within a second of consumer-created', { timeout: 120_000 }, async (context) => {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const roomId = newRoomId();
    const sender = await fixture.joined({ roomId, create: true });
    const { video } = await sender.do('publish', { audio: false });
    const viewer = await fixture.joined({ roomId, watch: false });
    times.push(await viewer.firstFrameMs(await viewer.do('consume', video)));
    await Promise.all([viewer.close(), sender.close()]);
  }

  assert.ok(report(context, times).median <= 1_000);
});

// A sender answers only so many requests for a key frame: whoever comes right after another may wait for a repeated one.
test('who watches right after another waits for the next key frame at most', { timeout: 60_000 }, async (context) => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true });
  const { video } = await sender.do('publish', { audio: false });
  const viewer = await fixture.joined({ roomId, watch: false });

  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const consumerId = await viewer.do('consume', video);
    times.push(await viewer.firstFrameMs(consumerId));
    await viewer.do('closeConsumer', consumerId);
  }

  assert.ok(report(context, times).median <= 1_500);
});

function report(context, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const median = (sorted[ROUNDS / 2 - 1] + sorted[ROUNDS / 2]) / 2;
  context.diagnostic(`first frame: median ${median.toFixed(0)} ms of ${sorted.map((ms) => ms.toFixed(0)).join(' ')}`);
  return { median };
}
