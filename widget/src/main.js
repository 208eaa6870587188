// What the built file does when it is loaded: registers the element, and inside the loader's frame talks to the loader.

import { FaqbotChat } from './element.js';

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
