// What opens over the conversation because the visitor asked for it. Nothing here needs the server.

import { dialled, el, fill, icon, link } from './dom.js';

// The lines that fit most people; the others are one press away.
const FIRST = 4;

/** Opens a dialog; Escape and its button close it, and the browser gives the focus back. */
export function open(root, title, closeLabel, ...content) {
  const dialog = el('dialog', { 'aria-labelledby': 'dialog-title' },
    el('div', { class: 'dialog-head' },
      el('h2', { id: 'dialog-title' }, title),
      el('button', { type: 'button', class: 'plain', 'aria-label': closeLabel, onclick: () => dialog.close() }, icon('close'))),
    ...content);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  root.append(dialog);
  dialog.showModal();
  return dialog;
}

export function openHelp(root, config, view) {
  const { strings: words, help } = config;
  const more = help.slice(FIRST);
  return open(root, words.help_title, words.close_dialog,
    el('p', {}, words.help_lead),
    view.lines(help.slice(0, FIRST), true),
    more.length > 0 && el('h3', {}, words.more_help),
    more.length > 0 && view.lines(more, true),
    el('h3', {}, words.person_title),
    el('ul', { class: 'lines large' }, people(config).map((line) => el('li', {}, line))));
}

export function openPerson(root, config) {
  const { strings: words, clinic } = config;
  return open(root, words.person_title, words.close_dialog,
    el('p', {}, fill(words.person_lead, { clinic: clinic.name })),
    el('ul', { class: 'lines large' }, people(config).map((line) => el('li', {}, line))),
    el('h3', {}, words.hours),
    el('ul', { class: 'hours' }, clinic.hours.map((line) => el('li', {}, line))));
}

export function openClear(root, words, clear) {
  const dialog = open(root, words.clear_title, words.close_dialog,
    el('p', {}, words.clear_lead),
    el('div', { class: 'row' },
      el('button', { type: 'button', class: 'choice', autofocus: true, onclick: () => dialog.close() }, words.clear_no),
      el('button', { type: 'button', class: 'choice', onclick: () => { dialog.close(); clear(); } }, words.clear_yes)));
}

function people({ strings: words, clinic }) {
  const entry = (name, href, text) => link(href, { class: 'line' }, words.new_tab, icon(name), el('span', {}, el('strong', {}, text)));
  return [
    clinic.phone && entry('call', dialled(clinic.phone), fill(words.call_clinic, { value: clinic.phone })),
    clinic.after_hours && entry('call', dialled(clinic.after_hours), fill(words.after_hours, { value: clinic.after_hours })),
    clinic.email && entry('text', `mailto:${clinic.email}`, fill(words.email, { value: clinic.email })),
    clinic.booking && entry('person', clinic.booking, words.book),
  ].filter(Boolean);
}
