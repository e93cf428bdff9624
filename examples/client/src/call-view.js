// During the call: the stage, the bar of buttons and the line on top.

import { ChatView } from './chat-view.js';
import { byId, setToggle } from './dom.js';
import { CAMERA, MICROPHONE, SCREEN } from './labels.js';
import { RecordingView } from './recording-view.js';
import { Stage } from './stage.js';
import { toast, toastError } from './toasts.js';

const CONNECTION = {
  new: { text: 'Connected', state: 'good' },
  connected: { text: 'Connected', state: 'good' },
  connecting: { text: 'Connecting media…', state: 'waiting' },
  disconnected: { text: 'Media interrupted…', state: 'waiting' },
  failed: { text: 'Media connection failed', state: 'bad' },
};

export class CallView {
  #view = byId('call');
  #stage = new Stage();
  #recording = new RecordingView();
  #chat = new ChatView();
  #local;
  #call = null;
  #name = '';
  #rendering = false;

  constructor(local, leave) {
    this.#local = local;
    this.#onClick('mic', (call) => call.setMic(!call.sends('mic')));
    this.#onClick('camera', (call) => call.setCamera(!call.sends('camera')));
    this.#onClick('screen', (call) => call.setScreen(!call.sends('screen')));
    this.#onClick('record', (call) => call.setRecording(!call.recording.active));
    this.#onClick('invite', (call) => invite(call.roomId));
    this.#onClick('invite-alone', (call) => invite(call.roomId));
    byId('leave').addEventListener('click', leave);
    byId('screen').hidden = !navigator.mediaDevices?.getDisplayMedia;
    document.addEventListener('keydown', (event) => this.#shortcut(event));
    local.addEventListener('change', () => this.#schedule());
    local.addEventListener('lost', ({ detail: { source } }) => this.#trackLost(source));
  }

  show(call, name) {
    this.#call = call;
    this.#name = name;
    this.#view.hidden = false;
    byId('room-name').textContent = call.roomId;
    call.addEventListener('change', () => this.#schedule());
    call.addEventListener('problem', ({ detail }) => toastError(detail));
    call.addEventListener('notice', ({ detail }) => toast(detail));
    this.#recording.show(call);
    this.#chat.show(call.chat);
    this.#render();
    byId('mic').focus({ preventScroll: true });
  }

  hide() {
    this.#call = null;
    this.#view.hidden = true;
    this.#recording.hide();
    this.#chat.hide();
    this.#stage.clear();
  }

  /** Many changes at once are one rendering. */
  #schedule() {
    if (this.#rendering) return;
    this.#rendering = true;
    queueMicrotask(() => {
      this.#rendering = false;
      if (this.#call) this.#render();
    });
  }

  #render() {
    const call = this.#call;
    setToggle(byId('mic'), call.sends('mic'), MICROPHONE, MICROPHONE.icons);
    setToggle(byId('camera'), call.sends('camera'), CAMERA, CAMERA.icons);
    setToggle(byId('screen'), call.sends('screen'), SCREEN, SCREEN.icons);
    const count = call.roster.participants.length + 1;
    byId('count').textContent = String(count);
    byId('count').setAttribute('aria-label', count === 1 ? '1 person' : `${count} people`);
    byId('alone').hidden = count > 1 || call.state !== 'joined';
    this.#recording.render(call);
    this.#renderConnection(call);
    this.#stage.render(call, this.#local, this.#name);
  }

  #renderConnection(call) {
    const reconnecting = call.state === 'reconnecting';
    byId('reconnecting').hidden = !reconnecting;
    const { text, state } = reconnecting
      ? { text: 'Reconnecting…', state: 'waiting' }
      : (CONNECTION[call.connectionState] ?? CONNECTION.connecting);
    const chip = byId('connection');
    if (chip.dataset.state !== state) chip.dataset.state = state;
    if (byId('connection-text').textContent !== text) byId('connection-text').textContent = text;
  }

  #onClick(id, act) {
    const button = byId(id);
    button.addEventListener('click', async () => {
      // A second click while the first is under way would undo it halfway.
      if (!this.#call || button.getAttribute('aria-busy') === 'true') return;
      button.setAttribute('aria-busy', 'true');
      try {
        await act(this.#call);
      } catch (error) {
        // Closing the browser's picker of screens is a choice, not an error.
        if (!(error.source === 'screen' && error.code === 'DENIED')) toastError(error);
      } finally {
        button.removeAttribute('aria-busy');
      }
    });
  }

  #shortcut(event) {
    if (!this.#call || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.('input, textarea')) return;
    const id = { m: 'mic', v: 'camera' }[event.key.toLowerCase()];
    if (id) byId(id).click();
  }

  #trackLost(source) {
    if (!this.#call?.sends(source)) return;
    if (source === 'screen') return this.#call.setScreen(false).catch(toastError);
    toast(source === 'mic' ? 'Your microphone was disconnected.' : 'Your camera was disconnected.');
    const off = source === 'mic' ? this.#call.setMic(false) : this.#call.setCamera(false);
    off.catch(toastError);
  }
}

async function invite(roomId) {
  const link = new URL(location.pathname, location.href);
  link.searchParams.set('room', roomId);
  const server = new URLSearchParams(location.search).get('server');
  if (server) link.searchParams.set('server', server);
  try {
    await navigator.clipboard.writeText(link.href);
    toast('Link copied. Send it to whom you want to meet.');
  } catch {
    // No clipboard without a secure context or the permission: let the person copy it.
    toast(link.href);
  }
}
