// What is on the screen of the chat: the panel, its button and the mark of what was not read yet.

import { byId, element, setToggle } from './dom.js';
import { CHAT } from './labels.js';

const PLACEHOLDER = { open: 'Write to everyone', waiting: 'Connecting…' };

export class ChatView {
  #panel = byId('chat');
  #list = byId('chat-messages');
  #field = byId('chat-text');
  #chat = null;
  #unread = 0;

  constructor() {
    byId('chat-toggle').addEventListener('click', () => this.#toggle(this.#panel.hidden));
    byId('chat-close').addEventListener('click', () => this.#toggle(false));
    byId('chat-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener('keydown', (event) => {
      // Enter sends; with Shift, and while a word is being composed, it is a key like any other.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener('input', () => this.#renderForm());
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#toggle(false);
    });
  }

  show(chat) {
    this.#chat = chat;
    this.#unread = 0;
    this.#list.replaceChildren();
    this.#field.value = '';
    chat.addEventListener('message', ({ detail }) => this.#add(detail));
    chat.addEventListener('state', () => this.#renderForm());
    this.#toggle(false);
  }

  hide() {
    this.#chat = null;
    this.#panel.hidden = true;
  }

  #toggle(open) {
    const had = this.#panel.contains(document.activeElement);
    this.#panel.hidden = !open;
    if (open) {
      this.#unread = 0;
      this.#toEnd();
      this.#field.focus({ preventScroll: true });
    } else if (had) {
      byId('chat-toggle').focus({ preventScroll: true });
    }
    this.#renderForm();
    this.#renderButton();
  }

  #send() {
    const text = this.#field.value.trim();
    if (!text || !this.#chat?.send(text)) return;
    this.#field.value = '';
    this.#renderForm();
    this.#toEnd();
  }

  #add({ from, text, at }) {
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    const last = this.#list.lastElementChild;
    const author = from ?? '';
    const item = element('li', { class: from === null ? 'message own' : 'message' });
    item.dataset.author = author;
    // Who goes on writing is not named again.
    if (from !== null && (last?.dataset.author !== author || last.classList.contains('own'))) {
      item.append(element('span', { class: 'author' }, from));
    }
    const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    item.append(element('p', { class: 'text' }, text), element('time', { datetime: at.toISOString() }, time));
    this.#list.append(item);
    byId('chat-empty').hidden = true;
    if (atEnd || from === null) this.#toEnd();
    if (from !== null && this.#panel.hidden) {
      this.#unread += 1;
      this.#renderButton();
    }
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #renderForm() {
    const open = this.#chat?.open ?? false;
    this.#field.placeholder = open ? PLACEHOLDER.open : PLACEHOLDER.waiting;
    byId('chat-send').disabled = !open || !this.#field.value.trim();
    byId('chat-empty').hidden = this.#list.childElementCount > 0;
    // As high as what is written, up to a bound of the style.
    this.#field.style.height = 'auto';
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`;
  }

  #renderButton() {
    const button = byId('chat-toggle');
    setToggle(button, !this.#panel.hidden, CHAT, CHAT.icons);
    const badge = byId('chat-unread');
    badge.hidden = this.#unread === 0;
    badge.textContent = this.#unread > 99 ? '99+' : String(this.#unread);
    if (this.#unread > 0) button.setAttribute('aria-label', `${CHAT.off}, ${this.#unread} unread`);
  }
}
