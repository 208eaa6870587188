// The way to the server. Every failure becomes a Problem with a code that the widget has words for.

export class Problem extends Error {
  /** @param {'offline'|'timeout'|'too_many'|'too_long'|'server'} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const CODES = { too_many_messages: 'too_many', too_many_from_address: 'too_many', too_long: 'too_long', too_large: 'too_long' };

export class Transport {
  #base;
  #giveUp;

  /**
   * @param {string} base address of the server, with a slash at its end
   * @param {number} giveUp seconds to wait for a reply
   */
  constructor(base, giveUp) {
    this.#base = base;
    this.#giveUp = giveUp;
  }

  /** The answer to a message: {token, reply, receipt}. `choice` is the id of a button whose words are `text`. */
  async send({ token, text, choice }) {
    let answer = await this.#post('message', choice ? { token, choice } : { token, text });
    // An expired conversation, or a button from before the server's key changed: the same words begin anew.
    if (['expired_token', 'bad_token', 'unknown_choice'].includes(answer.code)) {
      answer = await this.#post('message', { text });
    }
    if (answer.ok) return answer.body;
    throw new Problem(CODES[answer.code] || 'server');
  }

  /** Tells what a visitor thinks of a reply; nobody waits for it. */
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
