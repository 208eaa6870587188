// The conversation as the tab remembers it: closing the tab forgets it, a pause ends it.

const KEY = 'faqbot';
const EMPTY = { token: null, entries: [], draft: '', pinned: null, seen: 0 };

export class Session {
  #idle;
  #state;

  /** @param {number} idleMinutes after so long without a message the conversation is forgotten */
  constructor(idleMinutes) {
    this.#idle = idleMinutes * 60000;
    this.#state = this.#read();
    // A message that was on its way when the page went has had no reply that anyone saw.
    for (const entry of this.#state.entries) {
      if (entry.status === 'waiting') Object.assign(entry, { status: 'failed', problem: 'interrupted' });
    }
  }

  get token() { return this.#state.token; }
  set token(token) { this.#put({ token }); }

  get draft() { return this.#state.draft; }
  set draft(draft) { this.#put({ draft }); }

  /** The help lines that stay in view once someone may be at risk, or null. */
  get pinned() { return this.#state.pinned; }
  set pinned(pinned) { this.#put({ pinned }); }

  get entries() { return this.#state.entries; }

  add(entry) {
    this.#state.entries.push(entry);
    this.touch();
    return entry;
  }

  /** Keeps what was changed, and counts as activity. */
  touch() {
    this.#put({ seen: Date.now() });
  }

  /** Whether the pause since the last message was so long that the conversation is over. */
  get isOver() {
    return this.#state.entries.length > 0 && Date.now() - this.#state.seen > this.#idle;
  }

  /** Milliseconds until it would be over. */
  get remaining() {
    return Math.max(0, this.#state.seen + this.#idle - Date.now());
  }

  /** Removes the conversation from the tab's memory; what is being typed stays. */
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
      // A browser that keeps nothing for frames: the conversation then lives as long as the page.
    }
    return { ...EMPTY, entries: [] };
  }

  #write() {
    try {
      if (this.#state.entries.length || this.#state.draft) sessionStorage.setItem(KEY, JSON.stringify(this.#state));
      else sessionStorage.removeItem(KEY);
    } catch {
      // As above.
    }
  }
}
