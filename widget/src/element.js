// The element <faqbot-chat>: holds the parts together. Each part does one thing and knows nothing of the others.

import { Announcer } from './announcer.js';
import { openClear, openHelp, openPerson } from './dialogs.js';
import { el, fill, icon } from './dom.js';
import { ReplyView, isHelp } from './reply.js';
import { Session } from './session.js';
import { applyTheme } from './theme.js';
import { plainText } from './transcript.js';
import { Problem, Transport } from './transport.js';
import css from './style.css';

export class FaqbotChat extends HTMLElement {
  #config;
  #words;
  #session;
  #transport;
  #view;
  #announcer;
  #parts = {};
  #nodes = new WeakMap();
  #pending = null;
  #ended = false;
  #wasOver = false;
  #timers = [];
  #cleanup = new AbortController();

  /** The words and numbers come inside the element, or from the server that `server` names. */
  async connectedCallback() {
    if (this.shadowRoot) return;
    const base = new URL(this.getAttribute('server') || '.', document.baseURI).href;
    const inside = this.querySelector('script[type="application/json"]');
    const language = this.getAttribute('lang') || document.documentElement.lang;
    this.#config = inside ? JSON.parse(inside.textContent) : await (await fetch(`${base}webhooks/web/page?lang=${language}`)).json();
    this.#words = this.#config.strings;
    this.#session = new Session(this.#config.limits.idle_minutes);
    this.#transport = new Transport(base, this.#config.limits.give_up);
    this.#view = new ReplyView(this.#config);
    this.#announcer = new Announcer(this.#words.news);
    this.#build();
    this.#restore();
    this.#listen();
    this.dispatchEvent(new CustomEvent('faqbot-ready', { bubbles: true }));
  }

  disconnectedCallback() {
    this.#cleanup.abort();
    this.#timers.forEach(clearTimeout);
  }

  /** Puts the focus where the visitor goes on: only ever after a press of theirs. */
  focus() {
    const touch = matchMedia('(pointer: coarse)').matches;
    (touch ? this.#parts.title : this.#parts.input)?.focus();
  }

  #build() {
    const words = this.#words;
    const { clinic, direction, language } = this.#config;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet];
    const button = (name, label, onclick, attributes = {}) => el('button', { type: 'button', class: 'plain', 'aria-label': label, onclick, ...attributes }, icon(name));

    const parts = this.#parts;
    parts.title = el(this.hasAttribute('framed') ? 'h1' : 'h2', { tabindex: '-1' }, fill(words.title, { clinic: clinic.name }));
    parts.menu = el('div', { class: 'menu', id: 'menu', hidden: true }, [
      [words.copy, () => this.#copy()],
      [words.print, () => print()],
      [words.clear, () => openClear(parts.panel, words, () => this.#clear())],
    ].map(([label, act]) => el('button', { type: 'button', onclick: () => { this.#toggleMenu(false); act(); } }, label)));
    parts.menuButton = button('more', words.menu, () => this.#toggleMenu(parts.menu.hidden), { 'aria-expanded': 'false', 'aria-controls': 'menu' });
    parts.pinned = el('section', { class: 'pinned', 'aria-label': words.pinned, hidden: true });
    parts.offline = el('p', { class: 'banner', hidden: true }, words.offline);
    parts.list = el('ol', { role: 'list' });
    parts.starters = el('div', { class: 'choices', role: 'group', 'aria-label': words.starters_label },
      el('p', { 'aria-hidden': 'true' }, words.starters_label),
      words.starters.map((text) => el('button', { type: 'button', class: 'choice', onclick: () => this.#ask({ text }) }, text)));
    parts.newer = el('button', { type: 'button', class: 'newer', hidden: true, onclick: () => this.#showLast() }, words.newer);
    parts.log = el('div', { class: 'log', role: 'region', 'aria-label': words.conversation, tabindex: '0', onscroll: () => this.#atEnd() && (parts.newer.hidden = true) },
      el('div', { class: 'greeting' }, el('p', {}, fill(words.greeting, { clinic: clinic.name })), el('p', {}, words.able), el('p', { class: 'notice' }, words.private)),
      parts.starters, parts.list);
    parts.input = el('textarea', { id: 'question', rows: '1', placeholder: words.placeholder, autocomplete: 'off', 'aria-describedby': 'count', oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    parts.count = el('p', { class: 'count', id: 'count' });
    parts.send = el('button', { class: 'send', 'aria-label': words.send }, icon('send'));
    parts.status = el('p', { class: 'hidden', role: 'status' });
    parts.panel = el('div', { class: 'panel', lang: language, dir: this.getAttribute('dir') || direction },
      el('header', {},
        el('div', { class: 'top' },
          el('div', { class: 'name' }, parts.title, el('p', {}, words.subtitle)),
          parts.menuButton,
          this.hasAttribute('framed') && button('close', words.close, () => this.#close())),
        parts.menu),
      el('div', { class: 'always' },
        el('button', { type: 'button', onclick: () => openPerson(parts.panel, this.#config) }, icon('person'), words.person),
        el('button', { type: 'button', class: 'now', onclick: () => openHelp(parts.panel, this.#config, this.#view) }, icon('help'), words.help)),
      parts.pinned, parts.offline, parts.log, parts.newer,
      el('form', { novalidate: true, onsubmit: (event) => this.#submit(event) },
        el('label', { for: 'question' }, words.label),
        el('div', { class: 'row' }, parts.input, parts.send),
        parts.count),
      parts.status, this.#announcer.node);
    applyTheme(this, this.#cleanup.signal);
    shadow.append(parts.panel);
  }

  #listen() {
    const { signal } = this.#cleanup;
    const network = () => { this.#parts.offline.hidden = navigator.onLine; };
    addEventListener('online', network, { signal });
    addEventListener('offline', network, { signal });
    network();
    this.#parts.panel.addEventListener('keydown', (event) => event.key === 'Escape' && this.#escape(event), { signal });
  }

  #restore() {
    this.#session.entries.forEach((entry) => this.#append(entry));
    this.#parts.input.value = this.#session.draft;
    this.#typed();
    this.#pin();
    this.#watchIdle();
    this.#showLast();
  }

  // Asking

  #submit(event) {
    event.preventDefault();
    const text = this.#parts.input.value.trim();
    if (!text || this.#pending || text.length > this.#config.limits.characters) return;
    this.#parts.input.value = '';
    this.#typed();
    this.#ask({ text });
  }

  /** Sends what was typed or chosen. While a reply is awaited nothing else is sent, and what is typed stays in the box. */
  #ask({ text, choice }) {
    if (this.#pending) return;
    if (this.#ended || this.#session.isOver) this.#forget();
    const entry = this.#session.add({ who: 'visitor', text, choice, status: 'sent' });
    this.#append(entry);
    this.#deliver(entry);
  }

  async #deliver(entry) {
    const session = this.#session;
    this.#setPending(entry);
    this.#update(entry, 'waiting');
    try {
      const { token, reply, receipt } = await this.#transport.send({ token: session.token, text: entry.text, choice: entry.choice });
      if (!session.entries.includes(entry)) return;
      if (token) session.token = token;
      this.#update(entry, 'sent');
      this.#setPending(null);
      this.#receive({ who: 'bot', reply, receipt });
    } catch (error) {
      if (!session.entries.includes(entry)) return;
      entry.problem = error instanceof Problem ? error.code : 'server';
      this.#update(entry, 'failed');
      this.#announcer.say(`${this.#words.failed} ${this.#words.problems[entry.problem]}`);
    } finally {
      if (this.#pending === entry) this.#setPending(null);
    }
  }

  #receive(entry) {
    const follow = this.#atEnd();
    this.#session.add(entry);
    this.#append(entry);
    if (isHelp(entry.reply)) {
      this.#session.pinned = entry.reply.custom.resources;
      this.#pin();
    }
    this.#announcer.say(this.#view.spoken(entry));
    this.#watchIdle();
    if (follow) this.#showLast();
    else this.#parts.newer.hidden = false;
  }

  #setPending(entry) {
    const { send, waiting } = this.#parts;
    this.#pending = entry;
    send.setAttribute('aria-disabled', String(Boolean(entry)));
    send.setAttribute('aria-label', entry ? this.#words.sending : this.#words.send);
    waiting?.remove();
    clearTimeout(this.#timers[0]);
    if (!entry) return;
    const text = el('span', {}, this.#words.waiting);
    this.#parts.waiting = el('li', { class: 'waiting' }, el('span', { class: 'dots', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')), text);
    this.#parts.list.append(this.#parts.waiting);
    this.#showLast();
    this.#timers[0] = setTimeout(() => {
      text.textContent = this.#words.still;
      this.#announcer.say(this.#words.still);
    }, this.#config.limits.still_working * 1000);
  }

  // Showing

  #append(entry) {
    const node = entry.who === 'bot' ? this.#botItem(entry) : this.#visitorItem(entry);
    this.#nodes.set(entry, node);
    this.#parts.list.append(node);
    this.#parts.starters.hidden = true;
  }

  #botItem(entry) {
    return el('li', { class: 'bot' }, this.#view.render(entry, {
      choose: ({ title, id }) => this.#ask({ text: title, choice: id }),
      rate: ({ receipt, rating }, thanks) => {
        this.#transport.rate(receipt, rating.helpful, rating.reason);
        this.#session.touch();
        this.#announcer.say(thanks);
      },
    }));
  }

  #visitorItem(entry) {
    const words = this.#words;
    const { clinic } = this.#config;
    return el('li', { class: 'visitor' },
      el('p', { class: 'hidden' }, `${words.you}:`),
      el('p', { class: 'said', dir: 'auto' }, entry.text),
      entry.status === 'failed' && el('div', { class: 'failed' },
        el('p', {}, el('strong', {}, words.failed), ' ', words.problems[entry.problem] ?? words.problems.server),
        el('p', {}, fill(words.meanwhile, { clinic: clinic.name, phone: clinic.phone })),
        el('button', { type: 'button', class: 'choice', onclick: () => this.#again(entry) }, words.again)));
  }

  #again(entry) {
    if (this.#pending) return;
    this.#parts.input.focus();
    // After the pause the conversation is forgotten, and nothing would wait for the reply.
    if (this.#ended || this.#session.isOver) return this.#ask(entry);
    this.#deliver(entry);
  }

  #update(entry, status) {
    entry.status = status;
    this.#session.touch();
    const node = this.#visitorItem(entry);
    this.#nodes.get(entry)?.replaceWith(node);
    this.#nodes.set(entry, node);
  }

  #pin() {
    const lines = this.#session.pinned;
    const { pinned } = this.#parts;
    pinned.hidden = !lines;
    if (lines) pinned.replaceChildren(this.#view.lines(lines.slice(0, 3), false));
  }

  #atEnd() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  /** Brings the last question, and with it the start of its reply, into view. */
  #showLast() {
    const { list, log, newer } = this.#parts;
    const last = [...list.querySelectorAll('.visitor')].at(-1);
    if (last) log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
    newer.hidden = true;
  }

  // Typing

  #typed() {
    const { input, count } = this.#parts;
    const { characters } = this.#config.limits;
    const left = characters - input.value.length;
    this.#session.draft = input.value;
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, 140)}px`;
    input.setAttribute('aria-invalid', String(left < 0));
    const number = new Intl.NumberFormat(this.#config.language).format(Math.abs(left));
    count.textContent = left < 0 ? fill(this.#words.over, { count: number }) : left <= 200 ? fill(this.#words.left, { count: number }) : '';
    count.classList.toggle('over', left < 0);
    if (left < 0 !== this.#wasOver) this.#parts.status.textContent = count.textContent;
    this.#wasOver = left < 0;
  }

  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#parts.input.form.requestSubmit();
  }

  /** Escape closes what is open: the menu, else goes back to the box, else closes the chat. Dialogs close themselves. */
  #escape(event) {
    const { input, menu, menuButton } = this.#parts;
    if (event.target.closest('dialog')) return;
    if (!menu.hidden) {
      this.#toggleMenu(false);
      menuButton.focus();
    } else if (this.shadowRoot.activeElement !== input) {
      input.focus();
    } else {
      this.#close();
    }
  }

  #toggleMenu(show) {
    this.#parts.menu.hidden = !show;
    this.#parts.menuButton.setAttribute('aria-expanded', String(show));
  }

  #close() {
    this.dispatchEvent(new CustomEvent('faqbot-close', { bubbles: true }));
  }

  // The conversation as a whole

  async #copy() {
    const text = plainText(this.#session.entries, this.#config);
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = false;
    }
    this.#announcer.say(done ? this.#words.copied : this.#words.not_copied);
    this.#toast(done ? this.#words.copied : this.#words.not_copied);
  }

  #toast(text) {
    this.#parts.count.textContent = text;
  }

  #clear() {
    this.#forget();
    this.#announcer.say(this.#words.cleared);
    this.#toast(this.#words.cleared);
    this.#parts.input.focus();
  }

  #forget() {
    this.#ended = false;
    this.#session.forget();
    this.#setPending(null);
    this.#parts.list.replaceChildren();
    this.#parts.starters.hidden = false;
    this.#pin();
  }

  /** After the pause the tab forgets the conversation; what stands on the screen stays there until the visitor goes on. */
  #watchIdle() {
    clearTimeout(this.#timers[1]);
    if (!this.#session.entries.length) return;
    this.#timers[1] = setTimeout(() => this.#expire(), this.#session.remaining + 1000);
  }

  #expire() {
    if (!this.#session.isOver) return this.#watchIdle();
    this.#ended = true;
    this.#session.forget();
    this.#parts.list.append(el('li', { class: 'notice' }, this.#words.expired));
    this.#announcer.say(this.#words.expired);
  }
}
