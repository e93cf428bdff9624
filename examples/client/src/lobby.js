// Before the call: name, room, server, and a look at oneself.

import { byId, setToggle, showTrack } from './dom.js';
import { CAMERA, MICROPHONE } from './labels.js';
import { toastError } from './toasts.js';

const NAME_KEY = 'example-client-name';
/** The server's rule for ids of rooms. */
const ROOM_ID = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;

export class Lobby {
  #view = byId('lobby');
  #form = byId('lobby-form');
  #name = byId('name');
  #room = byId('room');
  #server = byId('server');
  #token = byId('token');
  #preview = byId('preview');
  #local;

  /** @param {(choice: {name, roomId, serverUrl, token, create}) => Promise<void>} enter */
  constructor(local, query, enter) {
    this.#local = local;
    this.#name.value = query.get('name') ?? readName();
    this.#room.value = query.get('room') ?? '';
    this.#server.value = query.get('server') ?? location.origin.replace(/^null$/, 'http://127.0.0.1:3000');
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const create = event.submitter?.value === 'create';
      this.#submit(create, enter);
    });
    byId('preview-mic').addEventListener('click', () => this.#toggle('mic'));
    byId('preview-camera').addEventListener('click', () => this.#toggle('camera'));
    for (const field of [this.#name, this.#room]) field.addEventListener('input', () => field.setCustomValidity(''));
    local.addEventListener('change', () => this.#render());
    this.#render();
    // Both at once, so that the browser asks one question.
    this.#openAll();
  }

  show() {
    this.#view.hidden = false;
    this.#render();
  }

  hide() {
    this.#view.hidden = true;
    showTrack(this.#preview, null);
  }

  set roomId(roomId) {
    this.#room.value = roomId;
  }

  async #submit(create, enter) {
    const name = this.#name.value.trim();
    if (!name) return complain(this.#name, 'Enter your name, so that the others know who you are.');
    if (create && !this.#room.value.trim()) this.#room.value = randomRoomId();
    const roomId = this.#room.value.trim();
    if (!ROOM_ID.test(roomId)) {
      const text = roomId ? 'Use letters, digits and . _ : - only.' : 'Enter the name of the room to join.';
      return complain(this.#room, text);
    }
    localStorage.setItem(NAME_KEY, name);
    this.#busy(true);
    try {
      await enter({ name, roomId, serverUrl: this.#server.value.trim(), token: this.#token.value.trim(), create });
    } finally {
      this.#busy(false);
    }
  }

  #busy(busy) {
    this.#form.classList.toggle('busy', busy);
    for (const button of this.#form.querySelectorAll('button')) button.disabled = busy;
  }

  async #openAll() {
    const opened = await Promise.allSettled([this.#local.open('mic'), this.#local.open('camera')]);
    const failed = opened.find(({ status }) => status === 'rejected');
    if (failed) toastError(failed.reason);
  }

  async #toggle(source) {
    if (this.#local[source]) return this.#local.close(source);
    try {
      await this.#local.open(source);
    } catch (error) {
      toastError(error);
    }
  }

  #render() {
    setToggle(byId('preview-mic'), Boolean(this.#local.mic), MICROPHONE, MICROPHONE.icons);
    setToggle(byId('preview-camera'), Boolean(this.#local.camera), CAMERA, CAMERA.icons);
    byId('preview-off').hidden = Boolean(this.#local.camera);
    if (!this.#view.hidden) showTrack(this.#preview, this.#local.camera);
  }
}

function complain(field, text) {
  field.setCustomValidity(text);
  field.reportValidity();
}

function readName() {
  return localStorage.getItem(NAME_KEY) ?? '';
}

/** A name that is easy to say on the phone. */
function randomRoomId() {
  const adjectives = ['amber', 'bright', 'calm', 'clever', 'gentle', 'lucky', 'merry', 'quiet', 'rapid', 'silver'];
  const nouns = ['badger', 'falcon', 'forest', 'harbor', 'lantern', 'meadow', 'otter', 'river', 'summit', 'willow'];
  const [a, b, c] = crypto.getRandomValues(new Uint16Array(3));
  return `${adjectives[a % adjectives.length]}-${nouns[b % nouns.length]}-${1000 + (c % 9000)}`;
}
