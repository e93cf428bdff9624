// Short messages that come and go.

import { byId, element, icon } from './dom.js';
import { explain } from './words.js';

const SHOWN_MS = 7_000;
const AT_MOST = 3;

export function toast(text, { code, kind = 'notice' } = {}) {
  const list = byId('toasts');
  for (const old of [...list.children]) {
    if (old.dataset.text === text) old.remove();
  }
  const words = element('p', {}, text);
  if (code) words.append(' ', element('code', {}, code));
  const close = element('button', { type: 'button', class: 'toast-close', 'aria-label': 'Dismiss' }, icon('close'));
  const node = element('div', { class: `toast ${kind}`, role: kind === 'error' ? 'alert' : 'status' });
  node.dataset.text = text;
  node.append(icon(kind === 'error' ? 'warning' : 'info'), words, close);
  const timer = setTimeout(() => node.remove(), SHOWN_MS);
  close.addEventListener('click', () => {
    clearTimeout(timer);
    node.remove();
  });
  list.append(node);
  while (list.children.length > AT_MOST) list.firstElementChild.remove();
}

export function toastError(error) {
  console.warn(error);
  const { text, code } = explain(error);
  toast(text, { code, kind: 'error' });
}
