// A tiny web server for the page that drives mediasoup-client.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('../page/main.js', import.meta.url));
const HTML = '<!doctype html><meta charset="utf-8"><title>peer</title><link rel="icon" href="data:,"><script src="/page.js"></script>';

/** @returns {Promise<{url: string, close: () => Promise<void>}>} on loopback, which browsers take for a secure context */
export async function serveTestPage() {
  const { outputFiles } = await build({ entryPoints: [ENTRY], bundle: true, format: 'iife', write: false });
  const [{ text: script }] = outputFiles;
  const server = createServer((request, response) => {
    const [type, body] = request.url === '/page.js' ? ['text/javascript', script] : ['text/html', HTML];
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
