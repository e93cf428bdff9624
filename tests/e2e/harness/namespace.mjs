// The network that run.mjs makes for the tests.

/** An address in it that is not loopback. */
export const NAMESPACE_ADDRESS = '10.99.0.1';

/** Fails where the tests were started without run.mjs. */
export function requireNamespace() {
  if (!process.env.E2E_NAMESPACE) {
    throw new Error('start these tests with `npm --prefix tests/e2e test`: they need a network namespace');
  }
}
