// A participant that is no browser: Python's aiortc, in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env.E2E_PYTHON ?? fileURLToPath(new URL('../../../target/python/bin/python', import.meta.url));
const PEER = fileURLToPath(new URL('../python/peer.py', import.meta.url));
const WAIT_MS = 30_000;

export class PythonPeer {
  /** Everything it said, in order. */
  events = [];
  #child;
  #lines;
  #errors = '';

  /** Starts it; it joins the room and sends a picture of this codec, a sound and a data channel. */
  constructor(server, { roomId, codec }) {
    if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is not installed: scripts/setup.sh test`);
    this.#child = spawn(PYTHON, ['-B', PEER, server.url, roomId, codec]);
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#lines.on('line', (line) => this.events.push(JSON.parse(line)));
  }

  /** Waits for an event with all of `fields`. */
  async event(event, fields = {}) {
    const wanted = Object.entries({ event, ...fields });
    const signal = AbortSignal.timeout(WAIT_MS);
    const ended = once(this.#child, 'close', { signal });
    ended.catch(() => {});
    for (;;) {
      const found = this.events.find((said) => wanted.every(([key, value]) => said[key] === value));
      if (found) return found;
      const told = await Promise.race([once(this.#lines, 'line', { signal }), ended.then(() => null)]).catch(() => null);
      if (!told) throw new Error(`waited for ${JSON.stringify({ event, ...fields })}; ${this.#account()}`);
    }
  }

  /** Sends `{text}`, or `{size}` bytes, over its data channel. */
  send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Lets it leave; fails where it does not go in peace. */
  async leave() {
    const late = setTimeout(() => this.kill(), WAIT_MS);
    const ended = once(this.#child, 'close');
    this.#child.stdin.end();
    const [code] = await ended;
    clearTimeout(late);
    if (code !== 0) throw new Error(`it ended with ${code}; ${this.#account()}`);
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  #account() {
    return `it said ${JSON.stringify(this.events)}\n${this.#errors}`;
  }
}
