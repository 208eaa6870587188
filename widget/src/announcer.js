// Says new messages to screen readers, once each. The visible conversation is not a live region, so nothing is read twice.

import { el } from './dom.js';

// Under about 100 ms some readers miss an announcement; left standing, some read it again with the next.
const HOLD = 1500;

export class Announcer {
  /** @param {string} label name of the region */
  constructor(label) {
    this.node = el('div', { class: 'hidden', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': label });
  }

  say(text) {
    const line = el('p', {}, text);
    this.node.append(line);
    setTimeout(() => line.remove(), HOLD);
  }
}
