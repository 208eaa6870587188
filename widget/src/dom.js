// Making page elements. Text only ever becomes text, and a link only ever leads where it may.

const SCHEMES = ['https:', 'tel:', 'sms:', 'mailto:'];
const SVG = 'http://www.w3.org/2000/svg';

const ICONS = {
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  send: 'M12 19V5M5 12l7-7 7 7',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-4 4-5 7-5s6 1 7 5',
  help: 'M12 20s-8-4.5-8-10a4.5 4.5 0 0 1 8-2.8A4.5 4.5 0 0 1 20 10c0 5.5-8 10-8 10z',
  up: 'M7 11v9H4v-9zM7 11l4-8c1.5 0 2.5 1 2 3l-.6 3H19c1.3 0 2 1 1.7 2.2l-1.5 7c-.2 1-1 1.8-2 1.8H7',
  down: 'M7 13V4H4v9zM7 13l4 8c1.5 0 2.5-1 2-3l-.6-3H19c1.3 0 2-1 1.7-2.2l-1.5-7C19 4.8 18.2 4 17.2 4H7',
  call: 'M6 3h3l2 5-2.5 2a12 12 0 0 0 5.5 5.5l2-2.5 5 2v3a2 2 0 0 1-2 2C11 20 4 13 4 5a2 2 0 0 1 2-2z',
  text: 'M4 5h16v11H9l-5 4z',
  chat: 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5',
};

/** An element with attributes, listeners (`onclick`) and children; absent ones are left out. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return node;
}

/** A decorative icon. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Whether an address may be a link. */
export function isSafe(href) {
  try {
    return SCHEMES.includes(new URL(href).protocol);
  } catch {
    return false;
  }
}

/** A link, or plain text where the address may not be one. Web pages open in a new tab, which `newTab` says. */
export function link(href, attributes, newTab, ...children) {
  if (!isSafe(href)) return el('span', attributes, ...children);
  if (!href.startsWith('https:')) return el('a', { ...attributes, href }, ...children);
  const hint = el('span', { class: 'hidden' }, ` (${newTab})`);
  return el('a', { ...attributes, href, target: '_blank', rel: 'noopener noreferrer' }, ...children, hint);
}

/**
 * A text's pieces: known numbers and addresses as links, the rest as text. `known` holds [text, href] pairs; of two for
 * one text the first counts: "988" dials the line that is for everybody.
 */
export function linked(text, known, newTab) {
  const usable = known.filter(([shown, href]) => shown && isSafe(href)).sort((a, b) => b[0].length - a[0].length);
  if (!usable.length) return [text];
  const places = new Map([...usable].reverse());
  const escaped = usable.map(([shown]) => shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\w+-])(${escaped.join('|')})(?![\\w-])`, 'g');
  return text.split(pattern).map((piece, at) => (at % 2 ? link(places.get(piece), {}, newTab, piece) : piece));
}

/** The text with its {placeholders} filled. */
export function fill(text, values) {
  return text.replace(/{(\w+)}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}

/** A number as a phone dials it. */
export function dialled(number) {
  return `tel:${number.replace(/[^\d+]/g, '')}`;
}
