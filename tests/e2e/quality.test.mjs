// Pictures over bad paths. QUALITY_SECONDS=60 gives the figures of docs/quality.md.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { BadPath } from './harness/bad-path.mjs';
import { useFixture } from './harness/fixture.mjs';
import { NAMESPACE_ADDRESS, requireNamespace } from './harness/namespace.mjs';
import { newRoomId } from './harness/peer-page.mjs';

requireNamespace();

/** In the tests' own network it is nobody else's. */
const MEDIA_PORT = 40_000;
const port = String(MEDIA_PORT);
const fixture = useFixture({
  env: { MEDIASOUP_WORKERS: '1', MEDIASOUP__WORKER__RTC_MIN_PORT: port, MEDIASOUP__WORKER__RTC_MAX_PORT: port },
});

const SEED = 1;
const SECONDS = Number(process.env.QUALITY_SECONDS ?? 20);
/** Everything settles in these: the browsers' own estimates too. */
const SETTLE_SECONDS = 5;
const TIMEOUT_MS = 90_000 + 2_000 * SECONDS;
/** Of the sender's largest encoding. */
const BUSY_WIDTH = 960;
const DELAY = { delayMs: 30 };

/** A sender and a viewer, each behind its own path. */
async function call(context, { sender = {}, viewer = {}, simulcast = false }) {
  const open = async (conditions) => {
    const path = await BadPath.open({ address: NAMESPACE_ADDRESS, targetPort: MEDIA_PORT, seed: SEED, ...conditions });
    context.after(() => path.close());
    return path;
  };
  const paths = { sender: await open(sender), viewer: await open(viewer) };
  const roomId = newRoomId();
  const over = (path) => ({ roomId, iceProtocol: 'udp', icePort: path.port });
  const sending = await fixture.joined({ ...over(paths.sender), create: true });
  await (simulcast ? sending.do('publishBusy') : sending.do('publish', { frameRate: 20 }));
  // The sender's own estimate has to grow first.
  if (simulcast && !sender.up?.rate) await sending.do('sendsAll');
  const viewing = await fixture.joined(over(paths.viewer));
  await viewing.receives(2);
  return { paths, sending, viewing };
}

async function snapshot({ paths, sending, viewing }) {
  const picture = (await viewing.do('received')).find(({ kind }) => kind === 'video');
  const sound = (await viewing.do('received')).find(({ kind }) => kind === 'audio');
  const sent = await sending.do('framesSent');
  return { at: performance.now(), picture, sound, sent, down: paths.viewer.down.counts, up: paths.sender.up.counts };
}

/** What a viewer got in a while. */
async function measure(call, seconds) {
  const before = await snapshot(call);
  const widths = new Map();
  for (let second = 0; second < seconds; second += 1) {
    await pause(1_000);
    const { picture } = await snapshot(call);
    widths.set(picture.frameWidth, (widths.get(picture.frameWidth) ?? 0) + 1);
    if (process.env.QUALITY_VERBOSE) {
      const stats = await call.viewing.do('transportStats');
      console.log(second, picture.frameWidth, picture.framesDecoded, stats.availableOutgoingBitrate, stats.sendBitrate, stats.probationBytesSent, stats.packetsDropped, JSON.stringify(call.paths.viewer.down.counts));
    }
  }
  const after = await snapshot(call);
  const passed = (after.at - before.at) / 1_000;
  const difference = (read) => read(after) - read(before);
  const frames = difference(({ picture }) => picture.framesDecoded);
  const sent = difference((at) => at.sent);
  const dropped = difference(({ down }) => down.dropped);
  return {
    framesPerSecond: frames / passed,
    share: frames / sent,
    freezes: difference(({ picture }) => picture.freezeCount),
    frozenSeconds: difference(({ picture }) => picture.totalFreezesDuration),
    concealed: difference(({ sound }) => sound.concealedSamples) / difference(({ sound }) => sound.totalSamplesReceived),
    kbps: (8 * difference(({ down }) => down.bytes)) / passed / 1_000,
    dropped: dropped / (dropped + difference(({ down }) => down.passed)),
    lost: difference(({ down, up }) => down.lost + up.lost),
    widths: [...widths].map(([width, times]) => `${width}: ${times} s`).join(', '),
  };
}

function report(context, name, figures) {
  const { framesPerSecond, share, freezes, frozenSeconds, concealed, kbps, dropped, widths } = figures;
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  context.diagnostic(
    `${name}: ${framesPerSecond.toFixed(1)} frames/s (${percent(share)} of those sent), ${freezes} freezes ` +
      `(${frozenSeconds.toFixed(1)} s), sound made up ${percent(concealed)}, ${kbps.toFixed(0)} kbit/s, ` +
      `${percent(dropped)} dropped at the bottleneck, widths ${widths}`,
  );
}

test('5 % of the packets to the viewer are lost', { timeout: TIMEOUT_MS }, async (context) => {
  const flow = await call(context, { viewer: { down: { ...DELAY, loss: 0.05 }, up: DELAY } });
  await pause(1_000 * SETTLE_SECONDS);
  const figures = await measure(flow, SECONDS);
  report(context, '5 % loss to the viewer', figures);
  assert.ok(figures.lost > 0, 'packets were lost');
  assert.ok(figures.share >= 0.97);
  assert.equal(figures.freezes, 0);
});

test('5 % of the packets from the sender are lost', { timeout: TIMEOUT_MS }, async (context) => {
  const flow = await call(context, { sender: { up: { ...DELAY, loss: 0.05 }, down: DELAY } });
  await pause(1_000 * SETTLE_SECONDS);
  const figures = await measure(flow, SECONDS);
  report(context, '5 % loss from the sender', figures);
  assert.ok(figures.lost > 0, 'packets were lost');
  assert.ok(figures.share >= 0.97);
  assert.equal(figures.freezes, 0);
});

for (const { rate, kbps, share } of [
  { rate: 400_000, kbps: 280, share: 0.9 },
  { rate: 1_000_000, kbps: 700, share: 0.9 },
]) {
  test(`simulcast to a viewer behind ${rate / 1_000} kbit/s`, { timeout: TIMEOUT_MS }, async (context) => {
    const flow = await call(context, { viewer: { down: { ...DELAY, rate }, up: DELAY }, simulcast: true });
    await pause(1_000 * SETTLE_SECONDS);
    const figures = await measure(flow, SECONDS);
    report(context, `viewer behind ${rate / 1_000} kbit/s`, figures);
    assert.ok(figures.share >= share);
    assert.ok(figures.kbps >= kbps);
    assert.equal(figures.freezes, 0);
    assert.ok(figures.dropped < 0.02);
  });
}

test('a sender behind 500 kbit/s', { timeout: TIMEOUT_MS }, async (context) => {
  const flow = await call(context, { sender: { up: { ...DELAY, rate: 500_000 }, down: DELAY }, simulcast: true });
  await pause(1_000 * SETTLE_SECONDS);
  const figures = await measure(flow, SECONDS);
  report(context, 'sender behind 500 kbit/s', figures);
  assert.ok(figures.share >= 0.9);
});

test('from 2 Mbit/s to 300 kbit/s and back', { timeout: TIMEOUT_MS + 60_000 }, async (context) => {
  const wide = { ...DELAY, rate: 2_000_000 };
  const flow = await call(context, { viewer: { down: wide, up: DELAY }, simulcast: true });
  await flow.viewing.isWide(BUSY_WIDTH);
  await pause(1_000 * SETTLE_SECONDS);
  flow.paths.viewer.set({ down: { ...DELAY, rate: 300_000 } });
  report(context, 'the first 5 s of 300 kbit/s', await measure(flow, 5));
  report(context, 'the rest of 300 kbit/s', await measure(flow, 15));
  flow.paths.viewer.set({ down: wide });
  const ended = performance.now();
  await flow.viewing.isWide(BUSY_WIDTH);
  const seconds = (performance.now() - ended) / 1_000;
  context.diagnostic(`the highest layer is back after ${seconds.toFixed(1)} s`);
  assert.ok(seconds <= 8);
});
