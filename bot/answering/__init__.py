"""From a question to one reply: what to say, with which citations, and when to say that nothing is known."""
