// A call between browsers, recorded: what is in the files, and whether they play. Every participant sends a beacon
// (page/beacon.js), so that files can be measured.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { launchFirefox } from './harness/browsers.mjs';
import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';
import { analyse, assertInSync, beacon, fileUrl, longest, pairs, rest, screenshots } from './harness/recordings.mjs';

const fixture = useFixture();
/** What stop may take while there is CPU to spare. */
const STOP_MS = 3_000;
/** Between a recording's length and its files', in seconds. */
const LENGTH_OFF = 0.5;
/** The smallest of which Chromium sends three encodings; they are all the CPU that two cores have to spare. */
const SIMULCAST = { width: 960, height: 540 };

/** A recording that goes on, and where in it one is. */
class Take {
  static async start(peer, roomId, options) {
    const { recording } = await peer.do('request', 'start-recording', { roomId, options });
    return new Take(peer, roomId, recording);
  }

  constructor(peer, roomId, recording) {
    this.peer = peer;
    this.roomId = roomId;
    this.recording = recording;
  }

  /** Seconds. */
  get now() {
    return (Date.now() - this.recording.startedAt) / 1_000;
  }

  /** Stops, and waits for the files. */
  async stop(context) {
    const asked = performance.now();
    const { recording } = await rest(fixture.server, 'POST', `/rooms/${this.roomId}/recording/stop`);
    this.stopTook = performance.now() - asked;
    context.diagnostic(`stop answered ${recording.status} after ${this.stopTook.toFixed(0)} ms`);
    const ready = await this.peer.event('recording-ready', { recording: { id: recording.id } });
    context.diagnostic(`ready after ${(performance.now() - asked).toFixed(0)} ms`);
    assert.equal(ready.recording.status, 'ready');
    return ready.recording;
  }
}

/** Measures the file with sound and pictures: it decodes and has the recording's length. */
async function combined(context, { files, duration }) {
  const analysis = await analyse(fixture.server, files.combined);
  const seconds = duration / 1_000;
  const lengths = analysis.streams.map(({ kind, duration: length }) => `${kind} ${length.toFixed(2)} s`);
  context.diagnostic(`length of ${seconds} s: ${lengths.join(', ')}`);
  assert.equal(analysis.errors, '');
  for (const stream of analysis.streams) assert.ok(Math.abs(stream.duration - seconds) <= LENGTH_OFF, JSON.stringify(stream));
  return analysis;
}

test('a call is recorded as it was', { timeout: 180_000 }, async (context) => {
  const roomId = newRoomId();
  const red = await fixture.joined({ roomId, name: 'Ada', create: true });
  await red.do('publishBeacon', 'red');
  const take = await Take.start(red, roomId, {});
  await red.event('recording-started', { recording: { id: take.recording.id } });

  await pause(4_000);
  const green = await fixture.joined({ roomId, name: 'Grace' });
  await green.do('publishBeacon', 'green');
  await red.receives(2);
  const came = take.now;
  await pause(4_000);
  await green.do('pause', 'audio');
  const muted = take.now;
  await pause(2_500);
  const unmuted = take.now;
  await green.do('resume', 'audio');
  await pause(2_500);
  await green.do('shareScreen', 'blue', { width: 640, height: 360 });
  await red.receives(3);
  const shared = take.now;
  await pause(4_000);
  await green.do('closeProducer', 'screen');
  const unshared = take.now;
  await pause(2_500);
  const left = take.now;
  await green.do('disconnect');
  await pause(2_500);
  const recording = await take.stop(context);
  assert.ok(take.stopTook <= STOP_MS, `stop took ${take.stopTook} ms`);

  const analysis = await combined(context, recording);
  const end = recording.duration / 1_000;
  const [ada, grace, screen] = ['red', 'green', 'blue'].map((name) => beacon(analysis, name));
  assertInSync(context, 'red', ada.offsets, { from: 0, to: end, atLeast: Math.floor(end) - 3 });
  assertInSync(context, 'green before the mute', grace.offsets, { from: came, to: muted, atLeast: 3 });
  assertInSync(context, 'green after the mute', grace.offsets, { from: unmuted, to: left + 1, atLeast: 5 });
  assertInSync(context, 'screen', pairs(screen, grace), { from: 0, to: end, atLeast: 3 });

  const between = (times, from, to) => times.filter((at) => at > from && at < to);
  assert.ok(longest(grace.silent, muted, unmuted) > 1.5, 'muted is silent');
  assert.deepEqual(between(grace.beeps, muted + 0.5, unmuted - 0.5), []);
  assert.deepEqual(between(grace.flashes, 0, came - 4), [], 'nobody is seen before coming');
  assert.deepEqual(between(grace.flashes, left + 1, end), [], 'who has left is not seen');
  assert.deepEqual(between(screen.flashes, unshared + 1, end), [], 'what is not shared is not seen');
  for (const [name, seen, from, to] of [
    ['red', ada, 1, end - 0.5],
    ['green', grace, came + 0.5, left - 0.5],
    ['screen', screen, shared + 0.5, unshared - 0.5],
  ]) {
    const still = longest(seen.still, from, to);
    context.diagnostic(`${name} stood still for ${still.toFixed(2)} s at most`);
    assert.ok(still <= 1, `${name} stood still: ${JSON.stringify(seen.still)}`);
  }
  const silent = longest(ada.silent, 1, end - 0.5);
  assert.ok(silent < 0.1, `red was silent: ${JSON.stringify(ada.silent)}`);

  await screenshots(fixture.server, recording.files.combined, {
    'recording-alone': came - 2.5,
    'recording-two': muted - 0.5,
    'recording-muted': unmuted - 0.5,
    'recording-screen': unshared - 0.5,
  });
  await plays(context, recording);
});

/** In Chromium and in Firefox. */
async function plays(context, { files, duration }) {
  const firefox = await launchFirefox();
  try {
    for (const [name, browser] of [['Chromium', fixture.browser], ['Firefox', firefox]]) {
      const { page } = await fixture.open(browser);
      const played = await page.evaluate((url) => window.playFile(url), fileUrl(fixture.server, files.combined));
      context.diagnostic(`${name} played ${JSON.stringify(played)}`);
      assert.ok(Math.abs(played.duration - duration / 1_000) <= LENGTH_OFF, name);
      assert.ok(played.frames > 10, `${name} shows pictures`);
      assert.ok(Math.abs(played.sought - (played.duration - 2)) < 0.5 && played.ended > played.duration - 0.5, name);
    }
  } finally {
    await firefox.close();
  }
}

test('a sender whose best encoding comes and goes is recorded without a stop', { timeout: 120_000 }, async (context) => {
  const roomId = newRoomId();
  const red = await fixture.joined({ roomId, create: true });
  await red.do('publishBeacon', 'red', { size: SIMULCAST, simulcast: true });
  // A recording finds its encodings going.
  const viewer = await fixture.joined({ roomId });
  await viewer.isWide(SIMULCAST.width);
  await viewer.close();
  const take = await Take.start(red, roomId, { video: { resolution: '640x360' } });
  await pause(4_000);
  await red.do('setMaxLayer', 'video', 0);
  await pause(4_000);
  await red.do('setMaxLayer', 'video', 2);
  await pause(5_000);
  const recording = await take.stop(context);

  const analysis = await combined(context, recording);
  const end = recording.duration / 1_000;
  const seen = beacon(analysis, 'red');
  assertInSync(context, 'red', seen.offsets, { from: 0, to: end, atLeast: Math.floor(end) - 4 });
  const still = longest(seen.still, 1, end - 0.5);
  context.diagnostic(`stood still for ${still.toFixed(2)} s at most`);
  assert.ok(still <= 1, JSON.stringify(seen.still));
});
