// Acknowledgements and events, by socket.io-client alone.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { io } from 'socket.io-client';

import { newRoomId } from './harness/peer-page.mjs';
import { startServer } from './harness/server.mjs';

const TIMEOUT_MS = 5_000;

let server;
const sockets = [];
before(async () => {
  server = await startServer();
});
afterEach(() => sockets.splice(0).forEach((socket) => socket.disconnect()));
after(() => server?.stop());

/** A socket that remembers every event: `mediasoup:room-created` and so on, with all of its arguments. */
async function connect(namespace = '/', transport = 'websocket') {
  const socket = io(server.url + namespace, { transports: [transport], forceNew: true, reconnection: false });
  sockets.push(socket);
  socket.seen = [];
  socket.onAny((event, ...args) => socket.seen.push([event, args]));
  await once(socket, 'connect');
  return socket;
}

function once(socket, event) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${event}; seen ${JSON.stringify(socket.seen)}`)), TIMEOUT_MS);
    socket.once(event, (...args) => {
      clearTimeout(late);
      resolve(args);
    });
  });
}

/** A request with an acknowledgement, and the event that answers it. */
async function ask(socket, request, data, replyEvent) {
  const event = once(socket, `mediasoup:${replyEvent}`);
  const ack = await socket.timeout(TIMEOUT_MS).emitWithAck(`mediasoup:${request}`, data);
  return { ack, event: await event };
}

const refuse = (socket, request, data) => socket.timeout(TIMEOUT_MS).emitWithAck(`mediasoup:${request}`, data);

for (const namespace of ['/', '/ws']) {
  for (const transport of ['websocket', 'polling']) {
    test(`answers come as event and as acknowledgement: ${namespace} by ${transport}`, { timeout: 20_000 }, async () => {
      const roomId = newRoomId();
      const socket = await connect(namespace, transport);
      const asked = [
        ['create-room', { roomId, requestId: 'a' }, 'room-created'],
        ['join-room', { roomId, participantData: { name: 'Ada' }, requestId: 'b' }, 'room-joined'],
        ['get-room-info', { roomId, requestId: 'c' }, 'room-info'],
        ['create-transport', { roomId, direction: 'send', requestId: 'd' }, 'transport-created'],
        ['leave-room', { roomId, requestId: 'e' }, 'room-left'],
      ];
      for (const [request, data, replyEvent] of asked) {
        const { ack, event } = await ask(socket, request, data, replyEvent);
        assert.equal(ack.success, true, request);
        assert.equal(ack.requestId, data.requestId, request);
        assert.deepEqual(event, [ack], `${replyEvent} carries the same single object`);
      }
    });
  }
}

test('a request needs no acknowledgement', { timeout: 20_000 }, async () => {
  const roomId = newRoomId();
  const socket = await connect();
  socket.emit('mediasoup:create-room', { roomId });
  const [created] = await once(socket, 'mediasoup:room-created');
  assert.equal(created.room.id, roomId);
  assert.equal(created.success, true);
  assert.ok(created.room.rtpCapabilities.codecs.length > 0);
});

test('a failure is told to the acknowledgement alone', { timeout: 20_000 }, async () => {
  const socket = await connect();
  const reply = await refuse(socket, 'join-room', { roomId: 'nowhere', requestId: 'r' });
  assert.deepEqual(reply, {
    success: false,
    error: 'Room not found',
    code: 'ROOM_NOT_FOUND',
    event: 'mediasoup:join-room',
    requestId: 'r',
  });
  assert.deepEqual(socket.seen, []);
  assert.equal(socket.connected, true);
});

test('a failure without acknowledgement is told as error and mediasoup:error', { timeout: 20_000 }, async () => {
  const socket = await connect();
  const told = ['error', 'mediasoup:error'].map((event) => once(socket, event));
  socket.emit('mediasoup:join-room', { roomId: 'nowhere' });
  const [[plain], [named]] = await Promise.all(told);
  assert.equal(plain.code, 'ROOM_NOT_FOUND');
  assert.equal(plain.error, 'Room not found');
  assert.deepEqual(named, plain);
  assert.equal(socket.connected, true);
});

test('requests in flight are told apart', { timeout: 20_000 }, async () => {
  const roomId = newRoomId();
  const socket = await connect();
  await ask(socket, 'create-room', { roomId }, 'room-created');
  await ask(socket, 'join-room', { roomId }, 'room-joined');
  const directions = ['send', 'recv', 'send', 'recv'];
  const replies = await Promise.all(
    directions.map((direction, index) => refuse(socket, 'create-transport', { roomId, direction, requestId: `${index}` })),
  );
  replies.forEach((reply, index) => {
    assert.equal(reply.success, true, JSON.stringify(reply));
    assert.equal(reply.requestId, `${index}`);
    assert.equal(reply.direction, directions[index]);
  });
  assert.equal(new Set(replies.map(({ transport }) => transport.id)).size, directions.length);
});

test('bad requests get a code and keep the socket', { timeout: 20_000 }, async () => {
  const roomId = newRoomId();
  const socket = await connect();
  const bad = [
    ['join-room', {}, 'INVALID_REQUEST'],
    ['create-room', { roomId: 'x'.repeat(129) }, 'INVALID_REQUEST'],
    ['create-room', { roomId: '..' }, 'INVALID_REQUEST'],
    ['create-room', { roomId: 5 }, 'INVALID_REQUEST'],
    ['create-room', 'text', 'INVALID_REQUEST'],
    ['join-room', null, 'INVALID_REQUEST'],
    ['leave-room', { roomId: 'nowhere' }, 'ROOM_NOT_FOUND'],
  ];
  for (const [request, data, code] of bad) {
    const reply = await refuse(socket, request, data);
    assert.equal(reply.success, false, `${request} ${JSON.stringify(data)}`);
    assert.equal(reply.code, code, `${request} ${JSON.stringify(data)}: ${reply.error}`);
  }
  const { ack } = await ask(socket, 'create-room', { roomId }, 'room-created');
  assert.equal(ack.success, true);
});

test('a full room says so', { timeout: 20_000 }, async () => {
  const roomId = newRoomId();
  const [first, second] = [await connect(), await connect()];
  await ask(first, 'create-room', { roomId, options: { maxParticipants: 1 } }, 'room-created');
  await ask(first, 'join-room', { roomId }, 'room-joined');
  const reply = await refuse(second, 'join-room', { roomId });
  assert.equal(reply.code, 'ROOM_FULL');
  assert.equal(reply.error, 'Room is full');
});
