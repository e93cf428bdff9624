// What the others learn of somebody: mute, pause, resume, leaving, vanishing.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useFixture } from './harness/fixture.mjs';
import { newRoomId } from './harness/peer-page.mjs';

const fixture = useFixture();

async function twoInACall() {
  const roomId = newRoomId();
  const speaker = await fixture.joined({ roomId, name: 'speaker', create: true });
  const producers = await speaker.do('publish');
  const viewer = await fixture.joined({ roomId, name: 'viewer' });
  await viewer.receives(2);
  return { roomId, speaker, viewer, producers, speakerId: await speaker.id };
}

for (const kind of ['audio', 'video']) {
  test(`pausing and resuming ${kind} is seen and felt`, { timeout: 60_000 }, async () => {
    const { roomId, speaker, viewer, producers, speakerId } = await twoInACall();
    const told = { roomId, producerId: producers[kind], participantId: speakerId };

    await speaker.do('pause', kind);
    await viewer.event('producer-paused', told);
    await speaker.event('producer-paused', told);
    // Whatever was on its way has arrived when the other kind went on for a while.
    const other = kind === 'video' ? 'audio' : 'video';
    await viewer.advances(other);
    const before = await viewer.do('progress', kind);
    await viewer.advances(other);
    assert.equal(await viewer.do('progress', kind), before, 'nothing flows while paused');

    await speaker.do('resume', kind);
    await viewer.event('producer-resumed', told);
    await viewer.advances(kind);
  });
}

test('closing a producer closes its consumers', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, producers, speakerId } = await twoInACall();

  await speaker.do('closeProducer', 'video');

  const producerId = producers.video;
  await viewer.event('producer-closed', { roomId, producerId, participantId: speakerId });
  await viewer.event('consumer-closed', { roomId, producerId });
});

test('leaving is seen by the others', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, producers, speakerId } = await twoInACall();

  const reply = await speaker.do('request', 'leave-room');

  assert.equal(reply.roomId, roomId);
  await viewer.event('participant-left', { roomId, participantId: speakerId, reason: 'left' });
  for (const producerId of Object.values(producers)) await viewer.event('consumer-closed', { producerId });
});

test('a socket that disconnects has left', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, speakerId } = await twoInACall();

  await speaker.do('disconnect');

  await viewer.event('participant-left', { roomId, participantId: speakerId });
});

test('a page that is closed has left', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, producers, speakerId } = await twoInACall();

  await speaker.close();

  await viewer.event('participant-left', { roomId, participantId: speakerId });
  for (const producerId of Object.values(producers)) await viewer.event('consumer-closed', { producerId });
});

test('a page that crashes has left', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, speakerId } = await twoInACall();

  await speaker.crash();

  await viewer.event('participant-left', { roomId, participantId: speakerId });
});

test('who joins later is told of what is there, and the others of who comes', { timeout: 60_000 }, async () => {
  const { roomId, speaker, viewer, producers } = await twoInACall();
  const third = await fixture.joined({ roomId, name: 'third' });

  const { room } = await third.event('room-joined', { room: { id: roomId } });
  const names = room.participants.map(({ data }) => data.name);
  for (const name of ['speaker', 'viewer']) assert.ok(names.includes(name), `${name} in ${names}`);
  assert.deepEqual(room.producers.map(({ id }) => id).sort(), Object.values(producers).sort());
  for (const peer of [speaker, viewer]) {
    const { participant } = await peer.event('participant-joined', { participant: { id: await third.id } });
    assert.equal(participant.data.name, 'third');
  }
  await third.receives(2);
});
