// Participants that encrypt their frames from end to end: the server forwards what it cannot read.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const KEY = 165;

const fixture = useFixture();

test('encrypted frames arrive as they were sent', { timeout: 60_000 }, async () => {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true, key: KEY });
  await sender.do('publish', { codec: 'VP8' });
  const viewer = await fixture.joined({ roomId, key: KEY });
  const stranger = await fixture.joined({ roomId, key: KEY + 1 });

  await viewer.receives(2);
  const { intact, broken } = await viewer.do('frames');
  assert.ok(intact >= 10);
  assert.equal(broken, 0);
  await stranger.opens('broken', 10);
  assert.equal((await stranger.do('frames')).intact, 0);
});
