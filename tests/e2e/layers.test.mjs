// Senders with layers inside a stream, and viewers that get some of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const fixture = useFixture();
/** Of all pictures, as many are counted: four times what `advances` waits for. */
const COUNTED_TENS = 4;

/** A sender, and a viewer that has got to its best. */
async function call(options, width) {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true });
  await sender.do('publish', { audio: false, ...options });
  const viewer = await fixture.joined({ roomId });
  await viewer.isWide(width);
  const [{ consumerId }] = await viewer.do('received');
  return {
    roomId,
    viewer,
    async prefer(spatialLayer, temporalLayer) {
      const wanted = { consumerId, spatialLayer, temporalLayer };
      const { layers } = await viewer.do('request', 'set-consumer-preferred-layers', wanted);
      assert.deepEqual(layers, { spatialLayer, temporalLayer });
      await viewer.event('consumer-layers-changed', { consumerId, layers });
    },
  };
}

// Senders leave out sizes below 240 pixels across. Of AV1, Chromium's own sender stands still soon where three sizes stand
// alone (S3T3), also without a server between.
for (const [codec, scalabilityMode, sizes] of [
  ['VP9', 'L3T3', 3],
  ['VP9', 'L3T3_KEY', 3],
  ['AV1', 'L3T3', 3],
  ['AV1', 'L3T3_KEY', 3],
  ['AV1', 'S2T3', 2],
]) {
  test(`a viewer of ${codec} ${scalabilityMode} gets the size it asks for, without a freeze`, { timeout: 90_000 }, async () => {
    const { viewer, prefer } = await call({ codec, scalabilityMode }, 960);
    await viewer.advances('video');
    const freezes = async () => (await viewer.do('received'))[0].freezeCount;
    const before = await freezes();
    const highest = sizes - 1;
    for (const spatialLayer of [0, highest, highest - 1, highest]) {
      await prefer(spatialLayer, 2);
      await viewer.isWide(960 / 2 ** (highest - spatialLayer));
      await viewer.advances('video');
    }
    assert.equal(await freezes(), before);
  });
}

for (const [codec, options] of [
  ['VP8', { simulcast: true }],
  ['VP8', { scalabilityMode: 'L1T3' }],
  ['H264', { simulcast: true }],
  ['VP9', { scalabilityMode: 'L3T3_KEY' }],
]) {
  const form = options.scalabilityMode ?? 'simulcast';
  test(`a viewer of ${codec} ${form} gets as many pictures as it asks for`, { timeout: 90_000 }, async () => {
    const { roomId, viewer, prefer } = await call({ codec, ...options }, 960);
    // Somebody who gets all, to count by: a sender that has much to do sends fewer.
    const other = await fixture.joined({ roomId });
    await other.isWide(960);
    const highest = options.scalabilityMode === 'L1T3' ? 0 : 2;
    const counts = () => Promise.all([viewer, other].map((peer) => peer.do('progress', 'video')));
    for (const [temporalLayer, share] of [[0, 1 / 4], [1, 1 / 2], [2, 1]]) {
      await prefer(highest, temporalLayer);
      await viewer.advances('video');
      const before = await counts();
      for (let tens = 0; tens < COUNTED_TENS; tens += 1) await other.advances('video');
      const [some, all] = (await counts()).map((count, at) => count - before[at]);
      const off = some / all / share;
      assert.ok(off > 0.7 && off < 1.4, `${some} of ${all} pictures`);
    }
  });
}
