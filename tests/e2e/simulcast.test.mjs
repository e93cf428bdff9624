// A sender with three encodings of its picture, and viewers that choose.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const fixture = useFixture();

for (const codec of ['VP8', 'H264']) {
  test(`a viewer of ${codec} gets the best encoding, and the one it asks for`, { timeout: 90_000 }, async () => {
    const roomId = newRoomId();
    const sender = await fixture.joined({ roomId, create: true });
    await sender.do('publish', { audio: false, codec, simulcast: true });
    const viewer = await fixture.joined({ roomId });
    const other = await fixture.joined({ roomId });

    await viewer.isWide(960);
    await other.isWide(960);
    const [{ consumerId }] = await viewer.do('received');
    for (const [spatialLayer, width] of [[0, 240], [1, 480], [2, 960]]) {
      const { layers } = await viewer.do('request', 'set-consumer-preferred-layers', { consumerId, spatialLayer });
      assert.deepEqual(layers, { spatialLayer, temporalLayer: 2 });
      await viewer.isWide(width);
      await viewer.event('consumer-layers-changed', { consumerId, layers });
      await viewer.advances('video');
    }

    await other.isWide(960);
    await other.advances('video');
  });
}
