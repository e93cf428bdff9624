// Data channels, in Chromium, in Firefox, and between the two.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { launchFirefox } from './harness/browsers.mjs';
import { useFixture } from './harness/fixture.mjs';
import { requireNamespace } from './harness/namespace.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const LONGEST = 262_144;

before(requireNamespace);
const fixture = useFixture();
/** Beside the fixture's own, Chromium. */
const browsers = { Chromium: undefined };
before(async () => {
  browsers.Firefox = await launchFirefox();
});
after(() => browsers.Firefox?.close());

async function pair(from, to) {
  const roomId = newRoomId();
  const sender = await fixture.joined({ roomId, create: true }, { browser: browsers[from] });
  const reader = await fixture.joined({ roomId }, { browser: browsers[to] });
  return { roomId, sender, reader };
}

const PAIRS = [
  ['Chromium', 'Chromium'],
  ['Chromium', 'Firefox'],
  ['Firefox', 'Chromium'],
];

for (const [from, to] of PAIRS) {
  test(`text, bytes and nothing at all go from ${from} to ${to}`, { timeout: 90_000 }, async () => {
    const { sender, reader } = await pair(from, to);
    const id = await sender.do('publishData', 'chat');
    const told = await reader.event('new-data-producer');
    assert.equal(told.dataProducer.id, id);
    assert.equal(told.dataProducer.label, 'chat');
    const consumer = await reader.do('readData', id);
    assert.equal(consumer.label, 'chat');

    const sent = [{ text: 'grüß dich 👋' }, { size: 1 }, { text: '' }, { size: 0 }, { size: LONGEST }, { text: 'last' }];
    for (const message of sent) await sender.do('data', 'send', 'chat', message);

    const bytes = (size) => ({ size, intact: true });
    const expected = [{ text: 'grüß dich 👋' }, bytes(1), { text: '' }, bytes(0), bytes(LONGEST), { text: 'last' }];
    assert.deepEqual(await reader.dataFrom(id, sent.length), expected);
    const { stats } = await sender.do('request', 'get-stats', { dataProducerId: id });
    assert.equal(stats[0].messagesReceived, sent.length);
    const read = await reader.do('request', 'get-stats', { dataConsumerId: consumer.id });
    assert.equal(read.stats[0].messagesSent, sent.length);
    assert.equal(read.stats[0].bytesSent, stats[0].bytesReceived);
  });
}

for (const options of [{ ordered: false }, { ordered: false, maxRetransmits: 0 }, { ordered: false, maxPacketLifeTime: 500 }]) {
  test(`a channel with ${JSON.stringify(options)}`, { timeout: 90_000 }, async () => {
    const { sender, reader } = await pair('Chromium', 'Chromium');
    const id = await sender.do('publishData', 'moves', options);
    const consumer = await reader.do('readData', id);
    const { streamId, ...delivery } = consumer.sctpStreamParameters;
    assert.deepEqual(delivery, options);

    for (let number = 0; number < 20; number += 1) {
      await sender.do('data', 'send', 'moves', { text: String(number) });
    }

    const texts = (await reader.dataFrom(id, 20)).map(({ text }) => Number(text));
    assert.deepEqual(texts.sort((a, b) => a - b), Array.from({ length: 20 }, (_, number) => number));
  });
}

test('a channel that is closed is closed for everyone, and another can be opened', { timeout: 90_000 }, async () => {
  const { sender, reader } = await pair('Chromium', 'Chromium');
  const id = await sender.do('publishData', 'chat');
  await reader.do('readData', id);

  await sender.do('request', 'close-data-producer', { dataProducerId: id });

  await reader.event('data-consumer-closed', { dataProducerId: id, reason: 'producer-closed' });
  await reader.event('data-producer-closed', { dataProducerId: id });
  await reader.untilData('the channel to close', 'isClosed', id);
  const next = await sender.do('publishData', 'next');
  await reader.do('readData', next);
  await sender.do('data', 'send', 'next', { text: 'again' });
  assert.deepEqual(await reader.dataFrom(next, 1), [{ text: 'again' }]);
});

test('who joins later finds the channels that are there, and who goes takes its own along', { timeout: 90_000 }, async () => {
  const { roomId, sender, reader } = await pair('Chromium', 'Chromium');
  const id = await sender.do('publishData', 'chat');
  const { room } = await reader.do('request', 'get-room-info', { roomId });
  assert.deepEqual(room.dataProducers.map((producer) => [producer.id, producer.label]), [[id, 'chat']]);
  await reader.do('readData', id);

  await sender.close();

  await reader.event('data-consumer-closed', { dataProducerId: id });
  await reader.untilData('the channel to close', 'isClosed', id);
});
