"""Mends misspellings of the words that danger is told in, beyond those that the patterns file lists."""

from __future__ import annotations

import re
from collections.abc import Collection

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[A-Za-z]{5,30}")
# What matters may be a letter shorter than what is mended: "whant".
_WANTED = re.compile(r"[A-Za-z]{4,30}")
# From this many letters on a word may have two slips, below it one.
_LONG = 7


class Speller:
    """Mends words that no dictionary has and that are a slip or two away from one that matters.

    Args:
        wanted: the words that matter; those of fewer than four letters are too easily met by chance, and those that
        the dictionary does not have are of another language.
        dictionary: words that are right as they are; without any, nothing is mended.

    Example:
        >>> Speller({"suicidal", "myself"}, {"suicidal", "myself", "today"}).mend("Suicudal today, cant trust myslef")
        'suicidal today, cant trust myself'
    """

    def __init__(self, wanted: Collection[str], dictionary: Collection[str]) -> None:
        self._dictionary = dictionary
        self._wanted: dict[str, list[str]] = {}
        for word in sorted(wanted):
            if _WANTED.fullmatch(word) and word in dictionary:
                self._wanted.setdefault(word[0], []).append(word)

    def mend(self, text: str) -> str:
        """The text with such words in their right spelling; everything else as it was."""
        return _WORD.sub(lambda match: self._word(match.group()), text) if self._wanted else text

    def _word(self, word: str) -> str:
        small = word.lower()
        # The first letter is hardly ever wrong.
        near = self._wanted.get(small[0], [])
        if not near or small in near or small in self._dictionary:
            return word
        found = process.extractOne(small, near, scorer=OSA.distance, score_cutoff=1 if len(small) < _LONG else 2)
        return found[0] if found else word
