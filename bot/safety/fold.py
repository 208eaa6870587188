"""Folds a message into plain small words, so that disguises and typing habits do not hide what it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.text import ADDRESS, INVISIBLE, straight

# Letters of other alphabets, and signs, that look like Latin ones.
_LOOKALIKES = str.maketrans(
    "аеорсухіѕјԁңкмтвнАВЕКМНОРСТУХαβεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧɑɡıł",
    "aeopcyxisjdnkmtbhabekmhopctyxabeiknoptuxabezhikmnoptyxagil",
)
_LEET = str.maketrans("0134578@$!+€", "oieastbasite")
# It looks back so that a run of signs is tried once and not from each of its signs: a message may be nothing but signs.
_END = re.compile(r"(?<![.!?…;:\n\r])[.!?…;:\n\r]+(?=\s|$)|\n+")
_TOKEN = re.compile(r"\||[a-z0-9@$!+€]+")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][\s.\-_*,/|·•~]+){2,}[a-z0-9](?![a-z0-9])")
_STARRED = re.compile(r"(?<=[a-z])[*_.\-#~^·•|]+(?=[a-z])")
_RUN = re.compile(r"([a-z])\1{2,}")
# No known word is longer; looking no further keeps the cost in proportion to the length of a message.
_LONGEST = 30
# The sign between sentences in a folded text; patterns do not reach across it.
END = "|"


@dataclass(frozen=True)
class Folder:
    """Folds texts with the word lists of the patterns file.

    Args:
        spellings: misspelling to word, as typed in one piece.
        emoji: emoji to a word.
        known: words that a pattern can see; a stretched or starred-out spelling is restored to one of them.
        phrases: phrases of known words that people type without spaces.
    """

    spellings: Mapping[str, str] = field(default_factory=dict)
    emoji: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()

    def fold(self, text: str) -> str:
        """Small ASCII words separated by one space, sentences by ` | `, with a space at both ends.

        Example:
            >>> Folder(known=frozenset({"want", "die"})).fold("I   w4nt to DIEEEE…  Don’t care!")
            ' i want to die | dont care | '
        """
        text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        for sign, word in self.emoji.items():
            if sign in text:
                text = text.replace(sign, f" {word} ")
        text = unicodedata.normalize("NFD", text.translate(_LOOKALIKES).lower())
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        text = straight(ADDRESS.sub(" ", text)).replace("'", "")
        text = _SPELT_OUT.sub(self._join_letters, text)
        text = _STARRED.sub(self._join_starred(text), text)
        text = _END.sub(f" {END} ", text)
        words: list[str] = []
        for token in _TOKEN.findall(text):
            words += self._word(token).split()
        return f" {' '.join(words)} "

    def _word(self, token: str) -> str:
        if token == END:
            return token
        word = token
        if not word.isdigit() and not word.isalpha():
            stripped = word.strip("!+@$€")
            word = stripped if stripped.isalpha() else word.translate(_LEET)
        if _RUN.search(word):
            single, double = _RUN.sub(r"\1", word), _RUN.sub(r"\1\1", word)
            word = double if double in self._vocabulary and single not in self._vocabulary else single
        word = self.spellings.get(word, word)
        return self._phrases_run_together.get(word, word)

    def _join_letters(self, match: re.Match[str]) -> str:
        """`k i l l  m e` and `s.u.i.c.i.d.e`: the letters as words, where they spell a known phrase."""
        letters = re.sub(r"[^a-z0-9]", "", match.group()).translate(_LEET)
        letters = self.spellings.get(letters, letters)
        if letters in self._vocabulary or letters in self._phrases_run_together:
            return f" {letters} "
        for phrase, spaced in self._phrases_run_together.items():
            if phrase in letters:
                return f" {letters.replace(phrase, f' {spaced} ')} "
        return match.group()

    def _join_starred(self, text: str) -> Callable[[re.Match[str]], str]:
        """`s*icide`: a sign inside a word is dropped where that gives a known word, else it parts words."""

        def replace(match: re.Match[str]) -> str:
            start = re.search(r"[a-z]*$", text[max(0, match.start() - _LONGEST) : match.start()])
            end = re.match(r"[a-z]*", text[match.end() : match.end() + _LONGEST])
            whole = (start.group() if start else "") + (end.group() if end else "")
            return "" if whole in self._vocabulary or whole in self.spellings else " "

        return replace

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return self.known | frozenset(self.spellings.values())

    @cached_property
    def _phrases_run_together(self) -> dict[str, str]:
        return {phrase.replace(" ", ""): phrase for phrase in sorted(self.phrases, key=len, reverse=True)}
