// A sender on a bad network, recorded.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { useFixture } from './harness/fixture.mjs';
import { BadPath } from './harness/bad-path.mjs';
import { NAMESPACE_ADDRESS, requireNamespace } from './harness/namespace.mjs';
import { newRoomId } from './harness/peer-page.mjs';
import { analyse, assertInSync, beacon, longest, rest } from './harness/recordings.mjs';

requireNamespace();

/** In the tests' own network it is nobody else's. */
const MEDIA_PORT = 40_000;
const port = String(MEDIA_PORT);
const fixture = useFixture({
  env: { MEDIASOUP_WORKERS: '1', MEDIASOUP__WORKER__RTC_MIN_PORT: port, MEDIASOUP__WORKER__RTC_MAX_PORT: port },
});

const LOSS = 0.05;
const SEED = 1;
const SECONDS = Number(process.env.E2E_LOSS_SECONDS ?? 15);

test('5 % of a sender\'s packets are lost: sound complete, no picture stands still', { timeout: 60_000 + 3_000 * SECONDS }, async (context) => {
  const link = await BadPath.open({ address: NAMESPACE_ADDRESS, targetPort: MEDIA_PORT, up: { loss: LOSS }, seed: SEED });
  context.after(() => link.close());
  const roomId = newRoomId();
  const peer = await fixture.joined({ roomId, create: true, iceProtocol: 'udp', icePort: link.port });
  await peer.do('publishBeacon', 'green');
  const viewer = await fixture.joined({ roomId });
  await viewer.receives(2);
  await viewer.close();

  const path = `/rooms/${roomId}/recording`;
  await rest(fixture.server, 'POST', `${path}/start`, { options: { video: { resolution: '640x360' } } });
  const before = link.up.counts;
  await pause(SECONDS * 1_000);
  await rest(fixture.server, 'POST', `${path}/stop`);
  const { recording } = await peer.event('recording-ready');
  const lost = link.up.counts.lost - before.lost;
  const sent = lost + link.up.counts.passed - before.passed;
  const share = lost / sent;
  context.diagnostic(`${(100 * share).toFixed(1)} % of ${sent} packets lost`);
  assert.ok(share > LOSS / 2, 'packets were lost');

  const analysis = await analyse(fixture.server, recording.files.combined);
  assert.equal(analysis.errors, '');
  const seen = beacon(analysis, 'green');
  const end = recording.duration / 1_000;
  const [still, silent] = [longest(seen.still, 1, end - 0.5), longest(seen.silent, 1, end - 0.5)];
  context.diagnostic(`longest still ${still.toFixed(2)} s, longest silent ${silent.toFixed(3)} s`);
  assert.ok(still <= 1, `stood still: ${JSON.stringify(seen.still)}`);
  assert.ok(silent < 0.05, `was silent: ${JSON.stringify(seen.silent)}`);
  assertInSync(context, 'green', seen.offsets, { from: 0, to: end, atLeast: Math.floor(end) - 3 });
});
