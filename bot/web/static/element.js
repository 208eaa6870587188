'use strict';
(() => {
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
function el(name, attributes = {}, ...children) {
const node = document.createElement(name);
for (const [key, value] of Object.entries(attributes)) {
if (typeof value === 'function') node.addEventListener(key.slice(2), value);
else if (value !== undefined && value !== null && value !== false) node.setAttribute(key, value === true ? '' : value);
}
node.append(...children.flat(Infinity).filter((child) => child || child === 0));
return node;
}
function icon(name) {
const svg = document.createElementNS(SVG, 'svg');
svg.setAttribute('viewBox', '0 0 24 24');
svg.setAttribute('aria-hidden', 'true');
const path = document.createElementNS(SVG, 'path');
path.setAttribute('d', ICONS[name]);
svg.append(path);
return svg;
}
function isSafe(href) {
try {
return SCHEMES.includes(new URL(href).protocol);
} catch {
return false;
}
}
function link(href, attributes, newTab, ...children) {
if (!isSafe(href)) return el('span', attributes, ...children);
if (!href.startsWith('https:')) return el('a', { ...attributes, href }, ...children);
const hint = el('span', { class: 'hidden' }, ` (${newTab})`);
return el('a', { ...attributes, href, target: '_blank', rel: 'noopener noreferrer' }, ...children, hint);
}
function linked(text, known, newTab) {
const usable = known.filter(([shown, href]) => shown && isSafe(href)).sort((a, b) => b[0].length - a[0].length);
if (!usable.length) return [text];
const places = new Map([...usable].reverse());
const escaped = usable.map(([shown]) => shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
const pattern = new RegExp(`(?<![\\w+-])(${escaped.join('|')})(?![\\w-])`, 'g');
return text.split(pattern).map((piece, at) => (at % 2 ? link(places.get(piece), {}, newTab, piece) : piece));
}
function fill(text, values) {
return text.replace(/{(\w+)}/g, (whole, name) => (Object.hasOwn(values, name) ? values[name] : whole));
}
function dialled(number) {
return `tel:${number.replace(/[^\d+]/g, '')}`;
}
const HOLD = 1500;
class Announcer {
constructor(label) {
this.node = el('div', { class: 'hidden', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': label });
}
say(text) {
const line = el('p', {}, text);
this.node.append(line);
setTimeout(() => line.remove(), HOLD);
}
}
const FIRST = 4;
function open(root, title, closeLabel, ...content) {
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
function openHelp(root, config, view) {
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
function openPerson(root, config) {
const { strings: words, clinic } = config;
return open(root, words.person_title, words.close_dialog,
el('p', {}, fill(words.person_lead, { clinic: clinic.name })),
el('ul', { class: 'lines large' }, people(config).map((line) => el('li', {}, line))),
el('h3', {}, words.hours),
el('ul', { class: 'hours' }, clinic.hours.map((line) => el('li', {}, line))));
}
function openClear(root, words, clear) {
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
const HELP = ['crisis', 'emergency'];
const ACTIONS = ['call', 'text', 'chat'];
const RATED = ['answer', 'clarify', 'no_answer', 'declined', 'contact'];
const isHelp = (reply) => HELP.includes(reply.custom.kind);
function blocksOf(paragraphs) {
const blocks = [];
for (const paragraph of paragraphs) {
const last = blocks.at(-1);
if (last && last[0].block === paragraph.block) last.push(paragraph);
else blocks.push([paragraph]);
}
return blocks;
}
function marked(block) {
return block.map(({ text, citations }, at) => ({
text: text.trim(),
numbers: String(block[at + 1]?.citations) === String(citations) ? [] : citations,
}));
}
class ReplyView {
#config;
#words;
#known;
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
lines(resources, large) {
return el('ul', { class: large ? 'lines large' : 'lines' }, resources.map((line) => el('li', {}, this.line(line))));
}
line(resource) {
const shown = reach(resource);
return link(resource.href, { class: 'line' }, this.#words.new_tab,
icon(actionOf(resource)),
el('span', {}, el('strong', {}, shown.charAt(0).toUpperCase() + shown.slice(1)), el('small', {}, `${resource.label}. ${resource.hours}`)));
}
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
const reach = ({ shown, value }) => shown ?? value;
const actionOf = ({ action }) => (ACTIONS.includes(action) ? action : 'chat');
let made = 0;
const KEY = 'faqbot';
const EMPTY = { token: null, entries: [], draft: '', pinned: null, seen: 0 };
class Session {
#idle;
#state;
constructor(idleMinutes) {
this.#idle = idleMinutes * 60000;
this.#state = this.#read();
for (const entry of this.#state.entries) {
if (entry.status === 'waiting') Object.assign(entry, { status: 'failed', problem: 'interrupted' });
}
}
get token() { return this.#state.token; }
set token(token) { this.#put({ token }); }
get draft() { return this.#state.draft; }
set draft(draft) { this.#put({ draft }); }
get pinned() { return this.#state.pinned; }
set pinned(pinned) { this.#put({ pinned }); }
get entries() { return this.#state.entries; }
add(entry) {
this.#state.entries.push(entry);
this.touch();
return entry;
}
touch() {
this.#put({ seen: Date.now() });
}
get isOver() {
return this.#state.entries.length > 0 && Date.now() - this.#state.seen > this.#idle;
}
get remaining() {
return Math.max(0, this.#state.seen + this.#idle - Date.now());
}
forget() {
this.#state = { ...EMPTY, entries: [], draft: this.#state.draft };
this.#write();
}
#put(change) {
Object.assign(this.#state, change);
this.#write();
}
#read() {
try {
const kept = JSON.parse(sessionStorage.getItem(KEY));
if (Array.isArray(kept?.entries)) {
const fresh = Date.now() - kept.seen <= this.#idle;
return fresh ? { ...EMPTY, ...kept } : { ...EMPTY, entries: [], draft: String(kept.draft || '') };
}
} catch {
}
return { ...EMPTY, entries: [] };
}
#write() {
try {
if (this.#state.entries.length || this.#state.draft) sessionStorage.setItem(KEY, JSON.stringify(this.#state));
else sessionStorage.removeItem(KEY);
} catch {
}
}
}
const LENGTH = /^\d{1,2}(\.\d+)?(px|rem|em)$/;
const COLOUR = /^#[\da-f]{6}$/i;
const FONT = /^[\w\s,'"-]{1,200}$/;
function applyTheme(element, signal) {
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => {
const theme = element.getAttribute('theme');
element.toggleAttribute('dark', theme === 'dark' || (theme !== 'light' && dark.matches));
};
dark.addEventListener('change', follow, { signal });
follow();
const take = (name, form, variable) => {
const value = element.getAttribute(name);
if (value && form.test(value)) element.style.setProperty(variable, value);
};
take('radius', LENGTH, '--faqbot-radius');
take('font', FONT, '--faqbot-font');
take('accent', COLOUR, '--faqbot-accent');
if (COLOUR.test(element.getAttribute('accent') ?? '')) element.style.setProperty('--faqbot-on-accent', readableOn(element.getAttribute('accent')));
}
function readableOn(hex) {
const [red, green, blue] = [1, 3, 5].map((at) => {
const share = parseInt(hex.slice(at, at + 2), 16) / 255;
return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});
return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}
function plainText(entries, { clinic, strings }) {
const lines = entries.map((entry) => (entry.who === 'bot' ? `${strings.assistant}:\n${entry.reply.text}` : `${strings.you}:\n${entry.text}`));
return [clinic.name, ...lines].join('\n\n');
}
class Problem extends Error {
constructor(code) {
super(code);
this.code = code;
}
}
const CODES = { too_many_messages: 'too_many', too_many_from_address: 'too_many', too_long: 'too_long', too_large: 'too_long' };
class Transport {
#base;
#giveUp;
constructor(base, giveUp) {
this.#base = base;
this.#giveUp = giveUp;
}
async send({ token, text, choice }) {
let answer = await this.#post('message', choice ? { token, choice } : { token, text });
if (['expired_token', 'bad_token', 'unknown_choice'].includes(answer.code)) {
answer = await this.#post('message', { text });
}
if (answer.ok) return answer.body;
throw new Problem(CODES[answer.code] || 'server');
}
rate(receipt, helpful, reason) {
this.#post('feedback', { receipt, helpful, reason }).catch(() => {});
}
async #post(path, body) {
const clock = new AbortController();
const timer = setTimeout(() => clock.abort(), this.#giveUp * 1000);
try {
const answer = await fetch(`${this.#base}webhooks/web/${path}`, {
method: 'POST',
headers: { 'content-type': 'application/json' },
credentials: 'omit',
body: JSON.stringify(body),
signal: clock.signal,
});
const data = await answer.json();
return { ok: answer.ok, code: data.error?.code, body: data };
} catch (error) {
if (clock.signal.aborted) throw new Problem('timeout');
throw new Problem(error instanceof SyntaxError ? 'server' : 'offline');
} finally {
clearTimeout(timer);
}
}
}
const css = ":host{--accent: var(--faqbot-accent,#1f6a66);--on-accent: var(--faqbot-on-accent,#fff);--radius: var(--faqbot-radius,14px);--surface: #fffdf9;--raised: #f4f0e8;--own: #dcebe8;--ink: #1f2f2e;--soft: #53625f;--line: #7b8784;--link: #0f5c58;--care: #fff2d6;--care-ink: #3d2c06;--care-line: #b7791f;--focus: #0b5cad;display: block;height: 40rem;max-height: 100%;color: var(--ink);font: 400 1rem/1.55 var(--faqbot-font,system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif);color-scheme: light;}:host([dark]){--accent: var(--faqbot-accent,#2f7f7a);--surface: #141d1c;--raised: #22302e;--own: #1c4643;--ink: #eaf1ef;--soft: #b3c1bd;--line: #7d8d89;--link: #8fd6cd;--care: #392b0d;--care-ink: #fdf0d0;--care-line: #e2a53f;--focus: #8ec5ff;color-scheme: dark;}:host([framed]){position: fixed;inset: 0;height: auto;}*{box-sizing: border-box;margin: 0;}[hidden]{display: none !important;}ul,ol{list-style: none;padding: 0;}h1,h2,h3{font-size: 1.0625rem;line-height: 1.3;}small{font-size: 0.875rem;}button,textarea{font: inherit;color: inherit;}button{cursor: pointer;border: 1px solid transparent;background: none;border-radius: var(--radius);min-height: 44px;min-width: 44px;}svg{width: 22px;height: 22px;flex: none;fill: none;stroke: currentColor;stroke-width: 2;stroke-linecap: round;stroke-linejoin: round;}a{color: var(--link);overflow-wrap: anywhere;}:focus-visible{outline: 3px solid var(--focus);outline-offset: 2px;}.hidden{position: absolute;width: 1px;height: 1px;overflow: hidden;clip-path: inset(50%);white-space: nowrap;}.panel{position: relative;display: flex;flex-direction: column;height: 100%;overflow: hidden;background: var(--surface);color: var(--ink);}header{background: var(--accent);color: var(--on-accent);}header :focus-visible{outline-color: var(--on-accent);outline-offset: -4px;}.top{display: flex;align-items: center;gap: 4px;padding: 8px 8px 8px 18px;padding-inline: 18px 8px;}.name{flex: 1;min-width: 0;overflow-wrap: anywhere;}.name p{font-size: 0.875rem;}.plain{display: grid;place-items: center;padding: 0;}.plain svg{stroke-width: 2.5;}.menu{display: grid;padding: 0 8px 8px;}.menu button{text-align: start;padding: 8px 10px;}.menu button:hover,.plain:hover{background: #0002;}.always{display: flex;flex-wrap: wrap;gap: 8px;padding: 8px 12px;border-block-end: 1px solid var(--raised);background: var(--surface);}.always button{flex: 1 1 9rem;display: flex;align-items: center;justify-content: center;gap: 8px;padding: 6px 8px;border-color: var(--line);font-size: 0.9375rem;font-weight: 600;line-height: 1.3;}.always button:hover,.choice:hover,.reason:hover,.thumb:hover{background: var(--raised);}.always .now{background: var(--care);color: var(--care-ink);border-color: var(--care-line);}.always .now:hover{background: var(--care);text-decoration: underline;}.pinned{padding: 6px 12px;background: var(--care);color: var(--care-ink);border-block-end: 2px solid var(--care-line);}.pinned .lines{display: flex;flex-wrap: wrap;gap: 6px;}.pinned .line{padding: 4px 10px;color: inherit;}.pinned .line small,.pinned svg{display: none;}.banner{padding: 8px 16px;background: var(--raised);}.log{flex: 1;min-height: 0;overflow-y: auto;overscroll-behavior: contain;padding: 16px;}.log:focus-visible{outline-offset: -4px;}.log > * + *{margin-block-start: 14px;}.log ol{display: grid;gap: 14px;}.greeting p + p,.reply > * + *{margin-block-start: 10px;}.notice{color: var(--soft);font-size: 0.875rem;}.visitor{display: grid;justify-items: end;}.said{max-width: 85%;padding: 10px 14px;border: 1px solid transparent;border-radius: var(--radius) var(--radius) 4px var(--radius);background: var(--own);white-space: pre-wrap;overflow-wrap: anywhere;}.reply,.greeting{padding: 12px 14px;border: 1px solid transparent;border-radius: var(--radius) var(--radius) var(--radius) 4px;background: var(--raised);overflow-wrap: anywhere;}.care{background: var(--care);color: var(--care-ink);border: 2px solid var(--care-line);}.care-title{font-weight: 700;font-size: 1.125rem;}.care a{color: inherit;}.mark{position: relative;min-width: 26px;min-height: 24px;padding: 0 6px;border: 1px solid var(--line);border-radius: 8px;background: var(--surface);color: var(--link);font-size: 0.8125rem;font-weight: 600;line-height: 20px;vertical-align: 1px;}.mark::after{content: \"\";position: absolute;inset: -11px;}.mark[aria-expanded=\"true\"]{background: var(--link);color: var(--surface);}.source{padding: 10px 12px;border: 1px solid var(--line);border-radius: 10px;background: var(--surface);font-size: 0.9375rem;}.source div + div{margin-block-start: 12px;padding-block-start: 12px;border-block-start: 1px solid var(--line);}.source p + p{margin-block-start: 2px;}.open{display: inline-flex;align-items: center;min-height: 44px;font-weight: 600;}.choices{display: grid;justify-items: start;gap: 8px;}.choices p,.reasons p{font-size: 0.875rem;color: var(--soft);}.choice{padding: 8px 14px;border-color: var(--line);background: var(--surface);color: var(--link);text-align: start;font-weight: 500;overflow-wrap: anywhere;}.rating{display: flex;flex-wrap: wrap;align-items: center;gap: 4px;font-size: 0.875rem;color: var(--soft);}.thumb{display: grid;place-items: center;padding: 0;}.thumb svg{width: 20px;height: 20px;}[aria-pressed=\"true\"]{background: var(--own);border-color: var(--link);color: var(--ink);}.reasons{flex-basis: 100%;display: flex;flex-wrap: wrap;gap: 6px;}.reasons p{flex-basis: 100%;}.reason{padding: 6px 12px;border-color: var(--line);background: var(--surface);color: var(--ink);}.lines{display: grid;gap: 8px;}.line{display: inline-flex;align-items: center;gap: 12px;min-height: 44px;padding: 6px 12px;border: 1px solid var(--care-line);border-radius: 10px;text-decoration: none;}.line small{display: block;}.large .line{display: flex;min-height: 56px;padding: 8px 14px;background: var(--surface);color: var(--ink);}.large strong{font-size: 1.0625rem;}.failed{max-width: 85%;margin-block-start: 6px;padding: 10px 12px;border: 1px solid var(--line);border-radius: 10px;font-size: 0.9375rem;}.failed p + p,.failed .choice{margin-block-start: 6px;}.waiting{display: flex;align-items: center;gap: 10px;color: var(--soft);min-height: 32px;}.dots{display: inline-flex;gap: 5px;}.dots i{width: 7px;height: 7px;border: 1px solid transparent;border-radius: 50%;background: currentColor;animation: breathe 1.8s ease-in-out infinite;}.dots i:nth-child(2){animation-delay: 0.3s;}.dots i:nth-child(3){animation-delay: 0.6s;}@keyframes breathe{50%{opacity: 0.25;}}.newer{align-self: center;position: absolute;inset-block-end: 110px;padding: 6px 16px;border-color: var(--line);background: var(--surface);color: var(--link);font-weight: 600;box-shadow: 0 2px 10px #0003;}form{padding: 8px 12px 10px;border-block-start: 1px solid var(--raised);background: var(--surface);}form label{display: block;font-size: 0.875rem;color: var(--soft);}.row{display: flex;gap: 8px;align-items: flex-end;}textarea{flex: 1;min-width: 0;min-height: 48px;max-height: 140px;padding: 11px 14px;border: 1px solid var(--line);border-radius: var(--radius);background: var(--surface);resize: none;line-height: 1.5;}textarea::placeholder{color: var(--soft);opacity: 1;}.send{display: grid;place-items: center;width: 48px;height: 48px;background: var(--accent);color: var(--on-accent);}.send[aria-disabled=\"true\"]{background: var(--raised);color: var(--soft);border-color: var(--line);cursor: default;}.count{font-size: 0.875rem;color: var(--soft);}.count:empty{display: none;}.over{color: var(--ink);font-weight: 700;}dialog{width: min(26rem,calc(100% - 24px));max-height: calc(100% - 24px);margin: auto;padding: 6px 18px 18px;overflow: auto;border: 1px solid var(--line);border-radius: var(--radius);background: var(--surface);color: var(--ink);}dialog::backdrop{background: #0007;}dialog > * + *{margin-block-start: 12px;}dialog h3{margin-block-start: 18px;}.dialog-head{display: flex;align-items: center;justify-content: space-between;gap: 8px;margin-inline-end: -10px;}@media (max-width: 340px){.always button{flex-basis: 7.5rem;font-size: 0.9375rem;padding-inline: 6px;}}@media (max-height: 480px){.panel{overflow-y: auto;}.always{position: sticky;inset-block-start: 0;z-index: 1;}.log{flex: none;overflow: visible;}.newer{position: sticky;inset-block-end: 8px;}}@media (prefers-reduced-motion: reduce){.dots i{animation: none;}}@media (forced-colors: active){.reply,.greeting,.said,.mark,.send,.plain{border: 1px solid;}[aria-pressed=\"true\"],.mark[aria-expanded=\"true\"]{outline: 2px solid Highlight;}.dots i{background: CanvasText;}}@media print{:host([framed]),.panel,.log{position: static;height: auto;overflow: visible;display: block;}.always,.plain,form,.choices,.rating,.newer,.mark::after{display: none;}.source[hidden]{display: block !important;}}";
class FaqbotChat extends HTMLElement {
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
#submit(event) {
event.preventDefault();
const text = this.#parts.input.value.trim();
if (!text || this.#pending || text.length > this.#config.limits.characters) return;
this.#parts.input.value = '';
this.#typed();
this.#ask({ text });
}
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
#showLast() {
const { list, log, newer } = this.#parts;
const last = [...list.querySelectorAll('.visitor')].at(-1);
if (last) log.scrollTop += last.getBoundingClientRect().top - log.getBoundingClientRect().top - 12;
newer.hidden = true;
}
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
function listenToLoader(chat) {
const theme = new URLSearchParams(location.hash.slice(1));
for (const name of ['theme', 'accent', 'radius', 'font', 'dir']) {
if (theme.has(name)) chat.setAttribute(name, theme.get(name));
}
const tell = (what) => parent.postMessage({ faqbot: what }, '*');
chat.addEventListener('faqbot-ready', () => tell('ready'));
chat.addEventListener('faqbot-close', () => tell('close'));
addEventListener('message', (event) => event.source === parent && event.data?.faqbot === 'focus' && chat.focus());
}
const framed = document.querySelector('faqbot-chat[framed]');
if (framed) listenToLoader(framed);
if (!customElements.get('faqbot-chat')) customElements.define('faqbot-chat', FaqbotChat);
})();
