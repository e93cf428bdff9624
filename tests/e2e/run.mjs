// Runs the browser tests, all or those whose files are named:
//   npm --prefix tests/e2e test [-- calls firefox …]
//
// They run in a network namespace of their own: nothing of them is seen outside, no port is in anybody's way, and there
// is an address that is not loopback, without which Firefox gathers no candidates. Processes are the namespace's, too: none
// outlives the tests.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NAMESPACE_ADDRESS } from './harness/namespace.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const named = process.argv.slice(2);
const files = readdirSync(here)
  .filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => !named.length || named.includes(file.replace('.test.mjs', '')));

// A veth pair, because it needs no kernel module beyond namespaces themselves; one end is enough to have an address.
const setUp = [
  'ip link set lo up',
  'ip link add e2e0 type veth peer name e2e1',
  `ip address add ${NAMESPACE_ADDRESS}/24 dev e2e0`,
  'ip link set e2e0 up',
  'ip link set e2e1 up',
  // Firefox offers the address of the default route.
  'ip route add default dev e2e0',
  'exec "$@"',
].join(' && ');

/** A test that hangs must not hold up everything behind it. */
const TIMEOUT_MS = 30 * 60_000;

const asRoot = process.getuid() === 0 ? [] : ['--map-root-user'];
const command = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', ...asRoot, '--', 'sh', '-c', setUp, 'sh', process.execPath, '--test', ...(process.env.E2E_ONLY ? ['--test-name-pattern', process.env.E2E_ONLY] : []), ...files];
const { status, error } = spawnSync('unshare', command, {
  cwd: here,
  stdio: 'inherit',
  timeout: TIMEOUT_MS,
  killSignal: 'SIGKILL',
  env: { ...process.env, E2E_NAMESPACE: '1' },
});
if (error) console.error(`unshare (package util-linux) does not run: ${error.message}`);
process.exitCode = status ?? 1;
