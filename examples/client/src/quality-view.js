// In the corner of a received picture: what comes of it, and a choice where it comes in several sizes.

import { element } from './dom.js';
import { Meter } from './meter.js';
import { CHOICES, layerName, sizesOf } from './quality.js';

export class QualityView {
  node;
  #picture = element('span');
  #flow = element('span');
  #select = element('select', { class: 'quality-choice' }, ...CHOICES.map(({ id, label }) => element('option', { value: id }, label)));
  #meter = null;
  #consumer = null;
  #choose = () => {};

  constructor() {
    const stats = element('span', { class: 'stats' }, this.#picture, this.#flow);
    this.node = element('div', { class: 'quality', hidden: '' }, stats, this.#select);
    this.#select.addEventListener('change', () => this.#choose(this.#select.value));
  }

  /** @param {{feed: object, choose: (choice: string) => void} | null} watched `null`: nothing is received */
  show(watched, name) {
    const consumer = watched?.feed.consumer ?? null;
    if (consumer !== this.#consumer) this.#follow(consumer);
    this.node.hidden = !consumer;
    if (!consumer) return;
    const { feed, choose } = watched;
    this.#choose = choose;
    this.#select.value = feed.choice;
    this.#select.hidden = sizesOf(consumer) < 2;
    this.#select.setAttribute('aria-label', `Picture quality of ${name}`);
    this.node.dataset.layer = feed.layers ? layerName(feed.layers.spatialLayer, sizesOf(consumer)) : '';
  }

  remove() {
    this.#follow(null);
  }

  #follow(consumer) {
    this.#meter?.stop();
    this.#consumer = consumer;
    this.#picture.textContent = '';
    this.#flow.textContent = '';
    this.#meter = consumer && new Meter(consumer, (reading) => this.#render(reading));
  }

  #render({ width, height, fps, kbps }) {
    const rate = kbps < 1_000 ? `${kbps} kbit/s` : `${(kbps / 1_000).toFixed(1)} Mbit/s`;
    this.#picture.textContent = width ? `${width}×${height} · ${fps} fps` : '';
    this.#flow.textContent = [rate, this.node.dataset.layer].filter(Boolean).join(' · ');
  }
}
