// What is on the screen of a recording: the button, the red mark with the time, the finished files.

import { byId, element, setToggle } from './dom.js';
import { RECORD } from './labels.js';
import { clock, download, filesOf } from './recording.js';
import { toast, toastError } from './toasts.js';

const TICK_MS = 500;

export class RecordingView {
  #call = null;
  #timer = null;

  constructor() {
    byId('recorded-close').addEventListener('click', () => this.#hideFiles());
  }

  show(call) {
    this.#call = call;
    call.addEventListener('recorded', ({ detail }) => this.#recorded(detail));
    this.#timer = setInterval(() => this.#renderTime(), TICK_MS);
  }

  hide() {
    clearInterval(this.#timer);
    this.#call = null;
    this.#hideFiles();
  }

  render(call) {
    const button = byId('record');
    button.hidden = !call.mayRecord;
    setToggle(button, call.recording.active, RECORD, RECORD.icons);
    byId('recording').hidden = !call.recording.active;
    this.#renderTime();
  }

  #renderTime() {
    const text = clock(this.#call?.recording.elapsed ?? 0);
    if (byId('recording-time').textContent !== text) byId('recording-time').textContent = text;
  }

  /** Only admins may fetch files; everyone else is told that there are some. */
  #recorded(recording) {
    const call = this.#call;
    if (!call) return;
    if (call.role !== 'admin') return toast('The recording is ready.');
    const links = filesOf(recording).map(({ label, name }) => {
      const link = element('button', { type: 'button', class: 'file', title: name }, label);
      link.dataset.name = name;
      link.addEventListener('click', () => download(call.serverUrl, call.token, name).catch(toastError));
      return element('li', {}, link);
    });
    byId('recorded-files').replaceChildren(...links);
    byId('recorded').hidden = false;
  }

  #hideFiles() {
    byId('recorded').hidden = true;
    byId('recorded-files').replaceChildren();
  }
}
