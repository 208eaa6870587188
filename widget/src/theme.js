// Colours, corners and font as the clinic wants them. Only values of the right form are taken over.

const LENGTH = /^\d{1,2}(\.\d+)?(px|rem|em)$/;
const COLOUR = /^#[\da-f]{6}$/i;
const FONT = /^[\w\s,'"-]{1,200}$/;

/** Follows the element's `theme`, `accent`, `radius` and `font`, and the visitor's preference for dark. */
export function applyTheme(element, signal) {
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

/** Black or white, whichever is read better on a colour (WCAG relative luminance; the two are even at 0.179). */
export function readableOn(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}
