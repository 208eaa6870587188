(() => {
const WORDS = "__WORDS__";
const script = document.currentScript;
const data = script.dataset;
const base = new URL('./', data.server || script.src);
const language = data.lang || document.documentElement.lang || navigator.language;
const tongue = language.slice(0, 2).toLowerCase();
const words = WORDS[tongue] || WORDS.en;
const accent = /^#[\da-f]{6}$/i.test(data.accent) ? data.accent : '#1f6a66';
const side = data.position === 'left' ? 'left' : 'right';
const small = matchMedia('(max-width: 480px), (max-height: 480px)');
const OPEN = 'faqbot-open';
const PATIENCE = 6000;
const css = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;inset:auto!important;${side}:16px!important;bottom:16px!important;display:block!important;font:600 16px/1.4 system-ui,sans-serif!important}
*{box-sizing:border-box;font:inherit}
[hidden]{display:none!important}
button,a{min-height:44px;border:2px solid transparent;border-radius:12px;padding:8px 14px;cursor:pointer;background:#fff;color:#14393a}
.open{display:flex;align-items:center;gap:10px;min-height:56px;max-width:calc(100vw - 32px);padding:12px 20px;border-radius:28px;background:${accent};color:${on(accent)};box-shadow:0 4px 20px #0004}
svg{width:24px;height:24px;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:3px solid #0b5cad;outline-offset:3px;box-shadow:0 0 0 3px #fff}
.panel{position:fixed;${side}:16px;bottom:16px;width:min(410px,calc(100vw - 32px));height:min(680px,calc(100vh - 32px));border-radius:18px;overflow:hidden;background:#fffdf9;box-shadow:0 8px 40px #0005;border:1px solid #8885}
.panel.small{inset:0;width:100%;height:100%;border:0;border-radius:0}
iframe{width:100%;height:100%;border:0;display:block}
.away{position:absolute;inset:0;overflow:auto;padding:20px;background:#fffdf9;color:#20302f;font-weight:400}
ul{list-style:none;margin:12px 0;padding:0;display:grid;gap:8px}
a{display:block;border-color:#1f6a66;text-decoration:none;font-weight:600}
.away button{border-color:#1f6a66;margin:0 8px 8px 0}
${data.theme === 'light' ? '' : '@media(prefers-color-scheme:dark){.panel,.away{background:#141d1c;color:#eaf1ef}.away a,.away button{background:#1f2b2a;color:#eaf1ef;border-color:#5fb0a8}}'}`;
function on(hex) {
const [r, g, b] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff';
}
function make(name, properties, ...children) {
const node = Object.assign(document.createElement(name), properties);
node.append(...children);
return node;
}
function start() {
const host = make('div', { lang: tongue in WORDS ? tongue : 'en' });
const root = host.attachShadow({ mode: 'open' });
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
root.adoptedStyleSheets = [sheet];
const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
icon.setAttribute('viewBox', '0 0 24 24');
icon.setAttribute('aria-hidden', 'true');
path.setAttribute('d', data.icon === 'heart' ? 'M12 20s-8-4.5-8-10a4.5 4.5 0 0 1 8-3 4.5 4.5 0 0 1 8 3c0 5.5-8 10-8 10z' : 'M4 5h16v11H9l-5 4zM8 9h8M8 12h5');
icon.append(path);
const button = make('button', { className: 'open', type: 'button', onclick: () => show(true) }, icon, data.label || words.open);
button.setAttribute('aria-expanded', 'false');
const panel = make('div', { className: 'panel', hidden: true });
root.append(button, panel);
document.body.append(host);
let frame;
let ready = false;
let wanted = false;
let clock;
function load() {
ready = false;
frame = make('iframe', { title: data.title || words.title, allow: 'clipboard-write', referrerPolicy: 'no-referrer' });
const theme = new URLSearchParams();
for (const name of ['theme', 'accent', 'radius', 'font', 'dir']) if (data[name]) theme.set(name, data[name]);
frame.src = `${base}widget?lang=${encodeURIComponent(language)}#${theme}`;
panel.replaceChildren(frame);
clock = setTimeout(away, PATIENCE);
}
function away() {
frame.hidden = true;
panel.append(make('div', { className: 'away' },
make('p', { textContent: words.unreachable }),
make('ul', {}, ...words.lines.map(([text, href]) => make('li', {}, make('a', { href, textContent: text })))),
make('button', { type: 'button', textContent: words.again, onclick: load }),
make('button', { type: 'button', textContent: words.close, onclick: () => show(false) })));
}
function focusFrame() {
frame.focus();
frame.contentWindow.postMessage({ faqbot: 'focus' }, base.origin);
}
function show(open, quiet) {
panel.hidden = !open;
button.hidden = open;
button.setAttribute('aria-expanded', String(open));
try {
sessionStorage.setItem(OPEN, open ? '1' : '');
} catch {
}
if (open && !frame) load();
if (quiet) return;
if (!open) button.focus();
else if (ready) focusFrame();
wanted = open && !ready;
}
addEventListener('message', ({ source, origin, data: message }) => {
if (!frame || source !== frame.contentWindow || origin !== base.origin || !message) return;
if (message.faqbot === 'close') show(false);
if (message.faqbot !== 'ready') return;
ready = true;
clearTimeout(clock);
frame.hidden = false;
panel.querySelector('.away')?.remove();
if (wanted) focusFrame();
});
const fit = () => panel.classList.toggle('small', small.matches);
small.addEventListener('change', fit);
fit();
document.addEventListener('focusin', ({ target }) => !panel.hidden && small.matches && target !== host && frame.focus());
document.addEventListener('click', ({ target }) => target.closest?.('[data-faqbot-open]') && show(true));
document.addEventListener('keydown', ({ key }) => key === 'Escape' && !panel.hidden && root.activeElement && show(false));
let before;
try {
before = sessionStorage.getItem(OPEN);
} catch {
before = '';
}
if (before || 'open' in data) show(true, true);
}
if (document.body) start();
else addEventListener('DOMContentLoaded', start);
})();
