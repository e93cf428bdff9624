// Small helpers around the DOM. Text of others only ever becomes text content.

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

/** @param {Record<string, string>} attributes */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** An icon of the sprite in the page. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Shows an on/off button in its state: pressed means on. */
export function setToggle(button, on, labels, icons) {
  button.setAttribute('aria-pressed', String(on));
  button.setAttribute('aria-label', on ? labels.on : labels.off);
  button.title = on ? labels.on : labels.off;
  button.querySelector('use').setAttribute('href', `#i-${on ? icons.on : icons.off}`);
}

/** Puts a track into a media element; the same track is left alone, so that it doesn't flicker. */
export function showTrack(media, track) {
  const [current] = media.srcObject?.getTracks() ?? [];
  if ((current ?? null) === (track ?? null)) return;
  media.srcObject = track ? new MediaStream([track]) : null;
}
