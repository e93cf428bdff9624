// The example client, used as a person uses it: by what is on the screen.

import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { launchChromium, openWindow } from './harness/browsers.mjs';
import { newRoomId } from './harness/peer-page.mjs';
import { startServer } from './harness/server.mjs';

const WAIT = { timeout: 20_000, polling: 50 };
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

let server;
let browser;
/** E2E_SCREENSHOTS says where the pictures go; docs/images has been filled that way. */
let pictures;
const people = [];

before(async () => {
  pictures = process.env.E2E_SCREENSHOTS ?? (await mkdtemp(join(tmpdir(), 'example-client-')));
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});
afterEach(async () => {
  const all = people.splice(0);
  await Promise.allSettled(all.map(({ page }) => page.close()));
  for (const { problems } of all) assert.deepEqual(problems, []);
});
after(async () => {
  await Promise.allSettled([browser?.close(), server?.stop()]);
});

/** Somebody in front of the page. */
class Person {
  problems = [];

  constructor(page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) this.problems.push(message.text());
    });
  }

  static async open({ query = {}, viewport = DESKTOP, talks = false } = {}) {
    const page = await openWindow(browser);
    await page.setViewport(viewport);
    if (talks) await page.evaluateOnNewDocument(talk);
    const person = new Person(page);
    people.push(person);
    await page.goto(`${server.url}/?${new URLSearchParams(query)}`);
    await page.locator('#preview-camera[aria-pressed="true"]').wait();
    return person;
  }

  click(selector) {
    return this.page.locator(selector).setTimeout(WAIT.timeout).click();
  }

  fill(selector, text) {
    return this.page.locator(selector).fill(text);
  }

  /** Waits until an expression about the page holds. */
  async until(what, holds, ...args) {
    await this.page.waitForFunction(holds, WAIT, ...args).catch(async (error) => {
      const shown = await this.page.evaluate(() => document.body.innerText);
      throw new Error(`waited for ${what}: ${error.message}\nshown: ${shown}\nserver: ${server.output.slice(-4_000)}`);
    });
  }

  inCall() {
    return this.until('the call', () => window.__call.state === 'joined' && !document.getElementById('call').hidden);
  }

  /** Waits until `count` others are seen and heard. */
  async meets(count) {
    const seen = (wanted) => {
      const tiles = [...document.querySelectorAll('.tile:not(.self)')];
      return tiles.length === wanted && tiles.every((tile) => tile.classList.contains('has-frames'));
    };
    await this.until(`the pictures of ${count}`, seen, count);
    const heard = async (wanted) => {
      const sounds = (await window.__call.receivedStats()).filter(({ kind }) => kind === 'audio');
      return sounds.length === wanted && sounds.every(({ totalAudioEnergy }) => totalAudioEnergy > 0);
    };
    await this.until(`the voices of ${count}`, heard, count);
  }

  toast(text) {
    const shown = (wanted) => document.getElementById('toasts').innerText.includes(wanted);
    return this.until(`the message “${text}”`, shown, text);
  }

  /** A picture for the documentation, of a page that fits its window. */
  async picture(name) {
    const [wide, window] = await this.page.evaluate(() => {
      const rights = [...document.querySelectorAll('.tile, .bar, .top-bar, form')].map((e) => e.getBoundingClientRect().right);
      return [Math.max(document.documentElement.scrollWidth, ...rights), document.documentElement.clientWidth];
    });
    assert.ok(wide <= window + 1, `${name}: ${wide} px of content in a window of ${window} px`);
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }
}

/** Gives the page a microphone that somebody talks into: the browser's own only beeps. */
function talk() {
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await open(constraints);
    for (const track of stream.getAudioTracks()) {
      stream.removeTrack(track);
      const context = new AudioContext();
      const [voice, loudness] = [context.createOscillator(), context.createGain()];
      const microphone = context.createMediaStreamDestination();
      voice.connect(loudness).connect(microphone);
      // Syllables, over the noise of a room.
      let louder = false;
      setInterval(() => (loudness.gain.value = (louder = !louder) ? 0.5 : 0.002), 120);
      voice.start();
      stream.addTrack(microphone.stream.getAudioTracks()[0]);
    }
    return stream;
  };
}

async function twoInACall({ roomId = newRoomId(), query = {}, talks = false } = {}) {
  const ada = await Person.open({ query, talks });
  await ada.fill('#name', 'Ada');
  await ada.fill('#room', roomId);
  await ada.click('#create');
  await ada.inCall();
  const grace = await Person.open({ query: { room: roomId, name: 'Grace', ...query }, viewport: PHONE, talks });
  await grace.click('#join');
  await grace.inCall();
  await Promise.all([ada.meets(1), grace.meets(1)]);
  return { ada, grace, roomId };
}

test('two people meet by clicking', { timeout: 90_000 }, async (context) => {
  const { ada, grace, roomId } = await twoInACall({ roomId: 'team-standup' });

  const name = (person) => person.page.$eval('.tile:not(.self) .name', (node) => node.textContent);
  assert.equal(await name(ada), 'Grace');
  assert.equal(await name(grace), 'Ada');
  assert.equal(await ada.page.$eval('#room-name', (node) => node.textContent), roomId);
  assert.equal(await ada.page.$eval('#connection', (node) => node.dataset.state), 'good');
  assert.equal(new URL(ada.page.url()).searchParams.get('room'), roomId, 'a reload comes back here');

  await ada.picture('call-desktop');
  await grace.picture('call-phone');
  context.diagnostic(`pictures in ${pictures}`);
});

test('who speaks is marked, for everybody', { timeout: 90_000 }, async (context) => {
  const { ada, grace } = await twoInACall({ talks: true });
  const marked = (person, who) => {
    const isSo = (wanted) => [...document.querySelectorAll('.tile.speaking .name')].map((n) => n.textContent).join() === wanted;
    return person.until(`“${who}” to be marked`, isSo, who);
  };

  await grace.click('#mic');
  await Promise.all([marked(ada, 'You'), marked(grace, 'Ada')]);
  await grace.picture('call-speaking');
  context.diagnostic(`pictures in ${pictures}`);
  await ada.click('#mic');
  await Promise.all([marked(ada, ''), marked(grace, '')]);
  await grace.click('#mic');
  await Promise.all([marked(ada, 'Grace'), marked(grace, 'You')]);
});

test('who wants a smaller picture gets one, and sees what comes', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();
  const wide = (person) => person.page.$eval('.tile:not(.self) video', (video) => video.videoWidth);
  /** Waits until the line tells of this layer, and of a picture as wide as is shown. */
  const getsLayer = (person, layer) => {
    const isSo = (wanted) => {
      const tile = document.querySelector('.tile:not(.self)');
      const [picture, flow] = [...tile.querySelectorAll('.stats span')].map((node) => node.textContent);
      const [, width] = /^(\d+)×\d+ · \d+ fps$/.exec(picture) ?? [];
      const [, , shown] = /^([\d.]+ [kM]bit\/s) · (\w+)$/.exec(flow) ?? [];
      return shown === wanted && Number(width) === tile.querySelector('video').videoWidth;
    };
    return person.until(`layer “${layer}” in words`, isSo, layer);
  };

  await Promise.all([getsLayer(ada, 'high'), getsLayer(grace, 'high')]);
  await ada.picture('quality-desktop');
  await grace.picture('quality-phone');
  for (const [choice, divisor] of [['low', 4], ['medium', 2]]) {
    const before = await wide(ada);
    await ada.page.select('.tile:not(.self) .quality-choice', choice);
    await getsLayer(ada, choice);
    const smaller = await wide(ada);
    if (choice === 'low') await ada.picture('quality-low');
    await ada.page.select('.tile:not(.self) .quality-choice', 'high');
    await getsLayer(ada, 'high');
    // A sender that has too much to do makes all its sizes smaller for a while.
    const high = Math.max(before, await wide(ada));
    assert.ok(smaller <= high / divisor, `${choice}: ${smaller} of ${high}`);
  }
  await getsLayer(grace, 'high');
});

test('what is written in the chat is read by the other', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();
  const written = (person) => person.page.$$eval('#chat-messages .text', (nodes) => nodes.map((node) => node.textContent));
  const write = async (person, text) => {
    await person.page.locator('#chat-text').setTimeout(WAIT.timeout).fill(text);
    await person.click('#chat-send:not(:disabled)');
  };

  await ada.click('#chat-toggle');
  await write(ada, 'Hello Grace! <b>Can you hear me?</b>');
  await grace.until('the mark of one unread', () => document.getElementById('chat-unread').textContent === '1');
  await grace.click('#chat-toggle');
  await grace.until('the message', () => document.querySelector('#chat-messages .text'));
  assert.deepEqual(await written(grace), ['Hello Grace! <b>Can you hear me?</b>']);
  assert.equal(await grace.page.$eval('#chat-messages .author', (node) => node.textContent), 'Ada');
  assert.equal(await grace.page.$eval('#chat-unread', (node) => node.hidden), true);
  await write(grace, 'Loud and clear.');
  await write(grace, 'Shall we look at the analytical engine together? I have the drawings here.');
  await ada.until('the answers', () => document.querySelectorAll('#chat-messages .text').length === 3);
  await write(ada, 'Yes, please.');
  await grace.until('all of it', () => document.querySelectorAll('#chat-messages .text').length === 4);

  await ada.picture('chat-desktop');
  await grace.picture('chat-phone');
  await grace.click('#chat-close');
  await grace.meets(1);
});

test('the query chooses the codec', { timeout: 90_000 }, async () => {
  const { ada } = await twoInACall({ query: { codec: 'vp9' } });

  const received = await ada.page.evaluate(() => window.__call.receivedStats());
  assert.equal(received.find(({ kind }) => kind === 'video').mimeType, 'video/VP9');
});

test('the lobby on a phone and on a desktop', { timeout: 60_000 }, async () => {
  for (const [name, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    const person = await Person.open({ query: { name: 'Ada' }, viewport });
    await person.until('the preview', () => document.getElementById('preview').videoWidth > 0);
    const overflow = () => document.documentElement.scrollWidth > window.innerWidth;
    assert.equal(await person.page.evaluate(overflow), false, `${name}: nothing to scroll sideways`);
    await person.picture(`lobby-${name}`);
  }
});

test('mute and camera off are seen by the other', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();

  await ada.click('#mic');
  await grace.until('the mark of a muted microphone', () => !document.querySelector('.tile:not(.self) .muted-mark').hidden);
  await ada.click('#mic');
  await grace.until('no mark', () => document.querySelector('.tile:not(.self) .muted-mark').hidden);

  await ada.click('#camera');
  await grace.until('initials', () => !document.querySelector('.tile:not(.self)').classList.contains('has-frames'));
  await ada.click('#camera');
  await grace.meets(1);
});

test('a shared screen is featured until it is stopped', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();

  await ada.click('#screen');
  await grace.until('the screen', () => document.querySelector('.tile.featured.has-frames'));
  await ada.click('#screen');
  await grace.until('no screen', () => !document.querySelector('.tile.featured'));
});

test('leaving goes back to the lobby, and the other is alone', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();

  await ada.click('#leave');

  await ada.until('the lobby', () => !document.getElementById('lobby').hidden);
  await grace.until('being alone', () => !document.getElementById('alone').hidden);
});

test('a room that is not there is an error in words, with its code', { timeout: 60_000 }, async () => {
  const person = await Person.open({ query: { name: 'Ada', room: newRoomId() } });

  await person.click('#join');

  await person.toast('There is no room with this name');
  await person.toast('ROOM_NOT_FOUND');
});

test('a name is shown as text, whatever it holds', { timeout: 60_000 }, async () => {
  const name = '<img src=x onerror="window.broken = true">';
  const roomId = newRoomId();
  const ada = await Person.open({ query: { name, room: roomId } });
  await ada.click('#create');
  await ada.inCall();
  const grace = await Person.open({ query: { name: 'Grace', room: roomId } });
  await grace.click('#join');
  await grace.inCall();
  await grace.meets(1);

  assert.equal(await grace.page.$eval('.tile:not(.self) .name', (node) => node.textContent), name);
  assert.equal(await grace.page.evaluate(() => window.broken), undefined);
});

test('a server that crashed and came back is joined again', { timeout: 90_000 }, async () => {
  const { ada, grace } = await twoInACall();
  const { port } = server;

  await server.kill();
  for (const person of [ada, grace]) {
    await person.until('the word of a lost connection', () => !document.getElementById('reconnecting').hidden);
  }
  server = await startServer({ httpPort: port });

  for (const person of [ada, grace]) {
    await person.inCall();
    await person.meets(1);
    await person.until('no word of it', () => document.getElementById('reconnecting').hidden);
  }
});
