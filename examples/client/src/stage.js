// The grid of tiles: one for each person, one for each shared screen, oneself among them; and everyone's sound.

import { byId, element, icon, showTrack } from './dom.js';
import { arrange } from './layout.js';
import { QualityView } from './quality-view.js';
import { toastError } from './toasts.js';

export class Stage {
  #grid = byId('grid');
  #sounds = byId('sounds');
  #unlock = byId('unlock');
  /** @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {Map<string, HTMLAudioElement>} by producer id */
  #voices = new Map();

  constructor() {
    new ResizeObserver(() => this.#arrange()).observe(this.#grid);
    this.#unlock.addEventListener('click', () => this.#playAll());
  }

  /** Shows a call as it is now; what did not change is left alone. */
  render(call, local, selfName) {
    const wanted = [...tilesOfSelf(call, local, selfName), ...call.roster.participants.flatMap((p) => tilesOf(p, call))];
    reconcile(this.#tiles, wanted, (key) => {
      const tile = new Tile(key);
      this.#grid.append(tile.node);
      return tile;
    });
    for (const view of wanted) this.#tiles.get(view.key).show(view);

    const voices = call.roster.feeds().filter(({ kind, track }) => kind === 'audio' && track);
    reconcile(this.#voices, voices.map((feed) => ({ key: feed.producerId, track: feed.track })), () => {
      const audio = element('audio', { autoplay: '' });
      this.#sounds.append(audio);
      return audio;
    });
    for (const { producerId, track } of voices) this.#play(this.#voices.get(producerId), track);
    this.#arrange();
  }

  clear() {
    reconcile(this.#tiles, [], () => {});
    reconcile(this.#voices, [], () => {});
    this.#unlock.hidden = true;
  }

  #play(audio, track) {
    if (audio.srcObject) return;
    showTrack(audio, track);
    audio.play().catch((error) => {
      if (error.name === 'NotAllowedError') this.#unlock.hidden = false;
    });
  }

  async #playAll() {
    const played = await Promise.allSettled([...this.#voices.values()].map((audio) => audio.play()));
    this.#unlock.hidden = played.every(({ status }) => status === 'fulfilled');
  }

  #arrange() {
    const tiles = [...this.#tiles.values()];
    const { clientWidth, clientHeight } = this.#grid;
    if (!tiles.length || !clientWidth) return;
    // One's own screen is not featured: it would show itself in itself.
    const featured = tiles.find(({ node }) => node.matches('.screen:not(.self)'));
    for (const { node } of tiles) node.classList.toggle('featured', node === featured?.node);
    const { mode, width, height } = arrange({
      count: tiles.length,
      hasFeatured: Boolean(featured),
      width: clientWidth,
      height: clientHeight,
    });
    this.#grid.dataset.mode = mode;
    this.#grid.style.setProperty('--tile-width', `${width}px`);
    this.#grid.style.setProperty('--tile-height', `${height}px`);
  }
}

/** One tile. Its picture appears with its first frame; until then there are initials. */
class Tile {
  node = element('article', { class: 'tile' });
  #video = element('video', { autoplay: '', playsinline: '', muted: '' });
  #initials = element('span', { class: 'initials', 'aria-hidden': 'true' });
  #name = element('span', { class: 'name' });
  #muted = element('span', { class: 'muted-mark', title: 'Muted', role: 'img', 'aria-label': 'Muted' }, icon('mic-off'));
  #note = element('span', { class: 'note' });
  #quality = new QualityView();

  constructor(key) {
    this.node.dataset.key = key;
    // The attribute alone doesn't mute an element that a script made; sound has elements of its own.
    this.#video.muted = true;
    const avatar = element('div', { class: 'avatar' }, this.#initials);
    const label = element('div', { class: 'label' }, this.#muted, this.#name);
    this.node.append(avatar, this.#video, this.#note, this.#quality.node, label);
    this.#video.addEventListener('loadeddata', () => this.node.classList.add('has-frames'));
  }

  show({ name, person, self, screen, track, muted, speaking, note, watched }) {
    if (this.#name.textContent !== name) {
      this.#name.textContent = name;
      this.#initials.textContent = initialsOf(person);
      this.node.style.setProperty('--hue', String(hueOf(person)));
      this.node.setAttribute('aria-label', name);
    }
    this.node.classList.toggle('self', self);
    this.node.classList.toggle('screen', screen);
    this.node.classList.toggle('speaking', speaking);
    this.#muted.hidden = !muted;
    this.#note.textContent = note;
    this.#note.hidden = !note;
    if (!track) this.node.classList.remove('has-frames');
    showTrack(this.#video, track);
    this.#quality.show(watched, name);
  }

  remove() {
    this.#quality.remove();
    showTrack(this.#video, null);
    this.node.remove();
  }
}

function tilesOfSelf(call, local, person) {
  const tile = { person, self: true, screen: false, speaking: false, note: '', watched: null };
  const camera = call.sends('camera') ? local.camera : null;
  const speaking = call.selfId !== null && call.speaker === call.selfId;
  const tiles = [{ ...tile, key: 'self', name: 'You', track: camera, muted: !call.sends('mic'), speaking }];
  if (call.sends('screen') && local.screen) {
    tiles.push({ ...tile, key: 'self-screen', name: 'Your screen', screen: true, track: local.screen, muted: false });
  }
  return tiles;
}

function tilesOf({ id, name, feeds }, call) {
  const all = [...feeds.values()];
  const mic = all.find(({ source }) => source === 'mic');
  const camera = all.find(({ source }) => source === 'camera');
  const screens = all.filter(({ source }) => source === 'screen');
  return [
    {
      key: id,
      name,
      person: name,
      self: false,
      screen: false,
      track: camera && !camera.paused ? camera.track : null,
      muted: !mic || mic.paused,
      speaking: call.speaker === id,
      note: noteOf(camera),
      watched: watched(camera, call),
    },
    ...screens.map((feed) => ({
      key: feed.producerId,
      name: `${name}’s screen`,
      person: name,
      self: false,
      screen: true,
      track: feed.paused ? null : feed.track,
      muted: false,
      speaking: false,
      note: noteOf(feed),
      watched: watched(feed, call),
    })),
  ];
}

function watched(feed, call) {
  if (!feed?.track || feed.paused) return null;
  return { feed, choose: (choice) => call.setQuality(feed, choice).catch(toastError) };
}

function noteOf(feed) {
  if (!feed || feed.paused) return '';
  if (feed.unplayable) return 'Video can’t be shown';
  return feed.track ? '' : 'Connecting…';
}

/** Makes `current` hold exactly the keys of `wanted`. */
function reconcile(current, wanted, create) {
  const keys = new Set(wanted.map(({ key }) => key));
  for (const [key, node] of current) {
    if (keys.has(key)) continue;
    node.remove();
    current.delete(key);
  }
  for (const key of keys) {
    if (!current.has(key)) current.set(key, create(key));
  }
}

function initialsOf(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...word][0].toUpperCase()).join('');
}

function hueOf(name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 360;
  return hash;
}
