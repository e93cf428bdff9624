// The real server, on ports of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NAMESPACE_ADDRESS } from './namespace.mjs';

const BUILT = fileURLToPath(new URL('../../../target/debug/mediasoup-server', import.meta.url));
/** Browsers have no candidates on loopback; outside of the namespace Chromium reaches a loopback server all the same. */
const MEDIA_IP = process.env.E2E_NAMESPACE ? NAMESPACE_ADDRESS : '127.0.0.1';
const START_MS = 15_000;
const STOP_MS = 10_000;
/** Enough of its output to understand a failure. */
const OUTPUT_LIMIT = 200_000;

/**
 * @param {{httpPort?: number, env?: Record<string, string>}} [options] `httpPort` 0: any
 * @returns {Promise<Server>} when it listens
 */
export async function startServer({ httpPort = 0, env = {} } = {}) {
  const binary = process.env.MEDIASOUP_SERVER_BIN ?? BUILT;
  if (!existsSync(binary)) throw new Error(`${binary} is not built: cargo build -p mediasoup-server`);
  const recordings = mkdtempSync(join(tmpdir(), 'mediasoup-recordings-'));
  const child = spawn(binary, [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(httpPort),
      MEDIASOUP_LISTEN_IP: MEDIA_IP,
      MEDIASOUP_ANNOUNCED_IP: MEDIA_IP,
      RECORDING_OUTPUT_DIR: recordings,
      ...env,
    },
  });
  child.once('exit', () => rmSync(recordings, { recursive: true, force: true }));
  const server = new Server(child);
  await server.listening();
  return server;
}

class Server {
  url = '';
  output = '';
  #child;

  constructor(child) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        if (process.env.E2E_VERBOSE) process.stderr.write(text);
        this.output = (this.output + text).slice(-OUTPUT_LIMIT);
      });
    }
  }

  async listening() {
    const deadline = AbortSignal.timeout(START_MS);
    const ended = once(this.#child, 'exit', { signal: deadline }).then(() => {
      throw new Error(`the server ended before it listened:\n${this.output}`);
    });
    await Promise.race([this.#readAddress(deadline), ended]).catch((error) => {
      this.#child.kill('SIGKILL');
      throw deadline.aborted ? new Error(`the server did not listen in time:\n${this.output}`) : error;
    });
    ended.catch(() => {});
  }

  async #readAddress(signal) {
    for (;;) {
      const [, url] = this.output.match(/\bOpen\s+(https?:\/\/[\w.:[\]-]+)\/\s/) ?? [];
      if (url) {
        this.url = url;
        return;
      }
      await Promise.race([
        once(this.#child.stdout, 'data', { signal }),
        once(this.#child.stderr, 'data', { signal }),
      ]);
    }
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  /** Asks it to stop, as a service manager does. */
  async stop() {
    await this.#end('SIGTERM');
  }

  /** Ends it as a crash does. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async #end(signal) {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }
}
