// The conversation as plain text, for the clipboard.

/** Every message under the name of who wrote it; the server's own plain form of a reply holds its sources. */
export function plainText(entries, { clinic, strings }) {
  const lines = entries.map((entry) => (entry.who === 'bot' ? `${strings.assistant}:\n${entry.reply.text}` : `${strings.you}:\n${entry.text}`));
  return [clinic.name, ...lines].join('\n\n');
}
