// A reply of the server as page elements, and as plain text for the ear and the clipboard.

import { dialled, el, fill, icon, isSafe, link, linked } from './dom.js';

const HELP = ['crisis', 'emergency'];
const ACTIONS = ['call', 'text', 'chat'];
const RATED = ['answer', 'clarify', 'no_answer', 'declined', 'contact'];

export const isHelp = (reply) => HELP.includes(reply.custom.kind);

/** Consecutive paragraphs of one block belong together. */
function blocksOf(paragraphs) {
  const blocks = [];
  for (const paragraph of paragraphs) {
    const last = blocks.at(-1);
    if (last && last[0].block === paragraph.block) last.push(paragraph);
    else blocks.push([paragraph]);
  }
  return blocks;
}

/** A block's sentences; neighbours with the same sources share one mark, at the last of them. */
function marked(block) {
  return block.map(({ text, citations }, at) => ({
    text: text.trim(),
    numbers: String(block[at + 1]?.citations) === String(citations) ? [] : citations,
  }));
}

export class ReplyView {
  #config;
  #words;
  #known;

  /** @param {object} config the widget's configuration */
  constructor(config) {
    const { clinic, help, strings } = config;
    this.#config = config;
    this.#words = strings;
    this.#known = [
      ...help.filter((line) => line.action === 'call').map((line) => [line.value, line.href]),
      [clinic.phone, dialled(clinic.phone)],
      [clinic.after_hours, dialled(clinic.after_hours)],
      [clinic.email, `mailto:${clinic.email}`],
      [clinic.booking, clinic.booking],
      ...help.filter((line) => line.action === 'chat').map((line) => [line.value, line.href]),
    ];
  }

  /**
   * @param {{reply: object, receipt: string, rating?: object}} entry
   * @param {{choose: Function, rate: Function}} actions what its buttons do
   */
  render(entry, actions) {
    const { custom, buttons = [] } = entry.reply;
    const help = isHelp(entry.reply);
    return el('div', { class: help ? 'reply care' : 'reply', lang: custom.language },
      el('p', { class: 'hidden' }, `${this.#words.assistant}:`),
      custom.notice && el('p', { class: 'notice' }, custom.notice),
      help && el('p', { class: 'care-title' }, this.#words[`${custom.kind}_title`]),
      blocksOf(custom.paragraphs).map((block) => this.#block(block, custom.citations)),
      custom.resources.length > 0 && this.lines(custom.resources, help),
      buttons.length > 0 && this.#choices(custom.kind, buttons, actions),
      RATED.includes(custom.kind) && this.#rating(entry, actions));
  }

  /** Help lines as links: large ones, or small ones beside a normal reply. */
  lines(resources, large) {
    return el('ul', { class: large ? 'lines large' : 'lines' }, resources.map((line) => el('li', {}, this.line(line))));
  }

  line(resource) {
    const shown = reach(resource);
    return link(resource.href, { class: 'line' }, this.#words.new_tab,
      icon(actionOf(resource)),
      el('span', {}, el('strong', {}, shown.charAt(0).toUpperCase() + shown.slice(1)), el('small', {}, `${resource.label}. ${resource.hours}`)));
  }

  /** What a screen reader says when the reply arrives. */
  spoken({ reply }) {
    const { custom, buttons = [] } = reply;
    const count = custom.citations.length;
    const parts = [
      isHelp(reply) && `${this.#words[`${custom.kind}_title`]}.`,
      custom.notice,
      ...custom.paragraphs.map((paragraph) => paragraph.text),
      ...custom.resources.map((line) => `${line.label}: ${reach(line)}.`),
      custom.kind === 'clarify' && buttons.map((button) => button.title).join(' '),
      count === 1 ? this.#words.source_said : count > 1 && fill(this.#words.sources_said, { count }),
    ];
    return `${this.#words.assistant}: ${parts.filter(Boolean).join(' ')}`;
  }

  #block(block, citations) {
    const sources = [];
    const paragraph = el('p', {});
    for (const { text, numbers } of marked(block)) {
      paragraph.append(...linked(text, this.#known, this.#words.new_tab));
      if (numbers.length) {
        const details = this.#details(citations.filter((citation) => numbers.includes(citation.number)));
        sources.push(details);
        paragraph.append('\u00a0', this.#mark(numbers, details));
      }
      paragraph.append(' ');
    }
    return [paragraph, ...sources];
  }

  #mark(numbers, details) {
    const label = fill(numbers.length > 1 ? this.#words.marks : this.#words.mark, { numbers: numbers.join(', ') });
    const mark = el('button', {
      type: 'button', class: 'mark', 'aria-expanded': 'false', 'aria-controls': details.id, 'aria-label': label,
      onclick: () => {
        details.hidden = !details.hidden;
        mark.setAttribute('aria-expanded', String(!details.hidden));
        if (!details.hidden) details.scrollIntoView({ block: 'nearest' });
      },
    }, numbers.join(', '));
    return mark;
  }

  #details(citations) {
    const words = this.#words;
    return el('div', { class: 'source', id: `source-${++made}`, hidden: true }, citations.map((citation) => {
      const { heading, reviewed, reviewer } = citation.passage;
      const date = this.#date(reviewed);
      return el('div', {},
        el('p', {}, el('strong', {}, `${fill(words.source, { number: citation.number })}: `), citation.title),
        el('p', {}, `${citation.publisher}, ${citation.year}`),
        el('p', {}, fill(words.from_passage, { heading })),
        el('p', {}, reviewer ? fill(words.reviewed_by, { date, reviewer }) : fill(words.reviewed, { date })),
        isSafe(citation.url) && el('p', {}, link(citation.url, { class: 'open' }, words.new_tab, words.open_source)));
    }));
  }

  #choices(kind, buttons, { choose }) {
    const label = kind === 'clarify' ? this.#words.choices : this.#words.suggestions;
    return el('div', { class: 'choices', role: 'group', 'aria-label': label },
      el('p', { 'aria-hidden': 'true' }, label),
      buttons.map((button) => el('button', { type: 'button', class: 'choice', onclick: () => choose(button) }, button.title)));
  }

  #rating(entry, { rate }) {
    const words = this.#words;
    const box = el('div', { class: 'rating', role: 'group', 'aria-label': words.helpful });
    const reasons = el('div', { class: 'reasons', role: 'group', 'aria-label': words.why, hidden: true },
      el('p', { 'aria-hidden': 'true' }, words.why),
      this.#config.reasons.map((reason) => el('button', {
        type: 'button', class: 'reason', 'aria-pressed': 'false', 'data-reason': reason, onclick: () => set({ helpful: false, reason }),
      }, words.reasons[reason])));
    const thumb = (helpful) => el('button', {
      type: 'button', class: 'thumb', 'aria-pressed': 'false', 'aria-label': helpful ? words.up : words.down, onclick: () => set({ helpful }),
    }, icon(helpful ? 'up' : 'down'));
    const [up, down] = [thumb(true), thumb(false)];
    const thanks = el('span', { class: 'thanks', 'aria-hidden': 'true' });
    const show = ({ helpful, reason }) => {
      up.setAttribute('aria-pressed', String(helpful === true));
      down.setAttribute('aria-pressed', String(helpful === false));
      reasons.hidden = helpful !== false;
      thanks.textContent = words.thanks;
      for (const button of reasons.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.reason === reason));
    };
    const set = (rating) => {
      entry.rating = rating;
      show(rating);
      rate(entry, words.thanks);
    };
    if (entry.rating) show(entry.rating);
    box.append(el('span', { 'aria-hidden': 'true' }, words.helpful), up, down, thanks, reasons);
    return box;
  }

  #date(iso) {
    const date = new Date(`${iso}T00:00:00Z`);
    if (Number.isNaN(date.valueOf())) return iso;
    return new Intl.DateTimeFormat(this.#config.language, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
  }
}

// A line without words of its own is shown all the same.
const reach = ({ shown, value }) => shown ?? value;
const actionOf = ({ action }) => (ACTIONS.includes(action) ? action : 'chat');

let made = 0;
