// Recordings of a server, and what is in their files.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ANALYSER = process.env.AV_SYNC_BIN ?? fileURLToPath(new URL('../../../target/debug/av-sync', import.meta.url));
const OUTPUT_MAX = 64 << 20;
/** In-sync, in ms: what people do not notice. */
const MEDIAN_MAX = 40;
const WORST_MAX = 80;

/** The REST API's answer; throws where it is a failure. */
export async function rest(server, method, path, body) {
  const response = await fetch(`${server.url}/api/mediasoup${path}`, {
    method,
    headers: body && { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const envelope = await response.json();
  if (!envelope.success) throw new Error(`${method} ${path}: ${response.status} ${envelope.code}: ${envelope.error}`);
  return envelope;
}

export function fileUrl(server, path) {
  return `${server.url}/api/mediasoup/recordings/${basename(path)}`;
}

/** Downloads a file and measures it. */
export async function analyse(server, path) {
  if (!existsSync(ANALYSER)) throw new Error(`${ANALYSER} is not built: cargo build -p mediasoup-tests --bin av-sync`);
  const directory = await mkdtemp(join(tmpdir(), 'mediasoup-e2e-'));
  try {
    const response = await fetch(fileUrl(server, path));
    assert.equal(response.status, 200, path);
    const file = join(directory, basename(path));
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    const { stdout } = await run(ANALYSER, [file], { maxBuffer: OUTPUT_MAX });
    return JSON.parse(stdout);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What became of a beacon. */
export function beacon(analysis, name) {
  return analysis.beacons.find((seen) => seen.name === name);
}

/** Median and worst offset of beeps to flashes in a part of the file, in ms. */
export function offsets(pairs, from, to) {
  const all = pairs.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms);
  all.sort((a, b) => a - b);
  const worst = all.reduce((worst, ms) => (Math.abs(ms) > Math.abs(worst) ? ms : worst), 0);
  return { count: all.length, median: all[Math.floor(all.length / 2)], worst };
}

/** Prints and checks them. */
export function assertInSync(context, what, pairs, { from, to, atLeast }) {
  const { count, median, worst } = offsets(pairs, from, to);
  context.diagnostic(`${what}: median ${median?.toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${count}`);
  assert.ok(count >= atLeast, `${what}: ${count} flashes with a beep, not ${atLeast}: ${JSON.stringify(pairs)}`);
  assert.ok(Math.abs(median) <= MEDIAN_MAX, `${what}: median ${median} ms`);
  assert.ok(Math.abs(worst) <= WORST_MAX, `${what}: worst ${worst} ms: ${JSON.stringify(pairs)}`);
}

/** The flashes of one beacon with the beeps of another that goes by the same clock. */
export function pairs({ flashes }, { beeps }) {
  return flashes.flatMap((at) => {
    const apart = beeps.map((beep) => (beep - at) * 1_000).filter((ms) => Math.abs(ms) <= 500);
    apart.sort((a, b) => Math.abs(a) - Math.abs(b));
    return apart.slice(0, 1).map((ms) => ({ at, ms }));
  });
}

/** Seconds of the longest interval, of what lies between two times. */
export function longest(intervals, from, to) {
  return intervals.reduce((max, each) => Math.max(max, Math.min(each.to, to) - Math.max(each.from, from)), 0);
}

/** Keeps pictures of a file in the directory that the environment names, if it does. */
export async function screenshots(server, path, moments) {
  const directory = process.env.E2E_SCREENSHOTS;
  if (!directory) return;
  await mkdir(directory, { recursive: true });
  for (const [name, at] of Object.entries(moments)) {
    const input = ['-ss', at.toFixed(3), '-i', fileUrl(server, path)];
    await run('ffmpeg', ['-v', 'error', '-y', ...input, '-frames:v', '1', join(directory, `${name}.png`)]);
  }
}
