"""Rewrites a question the way the encoder knows its words: spelling mended, plain names added.

The visitor never sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.knowledge.vocabulary import Vocabulary

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?", re.I)
# Habits of typing that no dictionary mends, because the short form is a word of its own or too short to guess.
_SHORTHAND = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thank you",
    "b4": "before", "bc": "because", "cuz": "because", "coz": "because", "gonna": "going to", "wanna": "want to",
    "gotta": "got to", "dont": "don't", "doesnt": "doesn't", "cant": "can't", "wont": "won't", "isnt": "isn't",
    "im": "I'm", "ive": "I've", "whats": "what's", "hows": "how's", "idk": "I don't know", "rn": "right now",
    "w": "with", "tho": "though", "bp": "blood pressure", "meds": "medicines", "med": "medicine",
    "ket": "ketamine", "k": "ketamine", "doc": "doctor", "docs": "doctors", "mins": "minutes",
    "hrs": "hours", "wks": "weeks", "yrs": "years", "appt": "appointment", "dr": "doctor", "esk": "esketamine",
    "wat": "what", "wot": "what",
}  # fmt: skip


@dataclass(frozen=True)
class Normaliser:
    """Mends and expands questions.

    Args:
        vocabulary: the clinic's vocabulary, for plain names and as correctly spelt words.
        domain: words that a misspelling is mended to: those of the passages, their questions and the vocabulary.
        known: words that are right as they are: a dictionary of English.
    """

    vocabulary: Vocabulary
    domain: frozenset[str]
    known: frozenset[str]

    def __call__(self, text: str) -> str:
        """The question as the encoder reads it best."""
        return self.vocabulary.expand(_WORD.sub(lambda match: self._mend(match.group()), text))

    def _mend(self, word: str) -> str:
        small = word.lower().replace("’", "'")
        if small in _SHORTHAND:
            return _SHORTHAND[small]
        if len(small) < 4 or "'" in small or small in self.known or small in self.domain:
            return word
        # One slip in a short word, two in a long one; the first letter is hardly ever wrong.
        reach = 1 if len(small) < 7 else 2
        near = process.extractOne(small, self._by_initial.get(small[0], ()), scorer=OSA.distance, score_cutoff=reach)
        return near[0] if near else word

    @cached_property
    def _by_initial(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = {}
        for word in sorted(self.domain, key=lambda w: (len(w), w)):
            if len(word) >= 4:
                grouped.setdefault(word[0], []).append(word)
        return grouped


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of some texts, in small letters."""
    return frozenset(match.group().lower().replace("’", "'") for text in texts for match in _WORD.finditer(text))
