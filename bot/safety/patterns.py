"""Finds word patterns in a folded message. `patterns.yml` holds them, in a notation that a clinician can read.

A pattern is a row of items, each matching one word unless said otherwise::

    want|wanna ~ die        one of these words, at most 3 words between, then "die"
    give_up ~ life          an underscore joins a phrase
    hurt* myself            any word that begins with "hurt"
    @me ~6 plan             a word or phrase of the list "me", at most 6 words between
    ?just end it            "just" may be missing
    ^ help                  only at the beginning of a sentence;  `$` only at its end

A pattern never reaches across the end of a sentence. Under a label, `any` lists what speaks for it, and `unless` what takes
that back for the sentence in which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bot.safety.fold import END, Folder

FILE = Path(__file__).with_name("patterns.yml")
_GAP = 3
# A word that stands where harmless words were blanked out.
_BLANK = "_"


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `anchors` are words of which at least one must be in the text for a match."""

    source: str
    regex: re.Pattern[str]
    anchors: frozenset[str]


@dataclass(frozen=True)
class PatternBook:
    """All patterns of the file, by label, with the folding that they need."""

    folder: Folder
    harmless: tuple[Pattern, ...]
    patterns: Mapping[str, tuple[Pattern, ...]]
    unless: Mapping[str, tuple[Pattern, ...]]

    def match(self, folded: str) -> dict[str, str]:
        """The labels that match a folded text, each with the first pattern that did."""
        found: dict[str, str] = {}
        for sentence in folded.split(END):
            if not sentence.strip():
                continue
            sentence = self._without_harmless(f" {sentence.strip()} ")
            present = self._present(sentence)
            for label, patterns in self.patterns.items():
                if label not in found and (hit := _first(patterns, sentence, present)):
                    if not _first(self.unless.get(label, ()), sentence, present):
                        found[label] = hit
        return found

    def _without_harmless(self, sentence: str) -> str:
        present = self._present(sentence)
        for pattern in self.harmless:
            if pattern.anchors & present:
                sentence = pattern.regex.sub(f" {_BLANK}", sentence)
        return sentence

    def _present(self, sentence: str) -> set[str]:
        """What a pattern's anchor may be: the words of a sentence and, with a star, their beginnings."""
        words = set(sentence.split())
        return words | {f"{word[:n]}*" for word in words for n in self._stem_lengths if len(word) >= n}

    @cached_property
    def _stem_lengths(self) -> tuple[int, ...]:
        every = [*self.harmless, *(p for group in (self.patterns, self.unless) for ps in group.values() for p in ps)]
        return tuple(sorted({len(a) - 1 for p in every for a in p.anchors if a.endswith("*")}))


def load_patterns(path: Path = FILE) -> PatternBook:
    """Reads and compiles the patterns file. Every scalar is a word: YAML's own `off` and `no` would become truth values."""
    return compile_patterns(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))  # noqa: S506 - it makes strings only


def compile_patterns(data: Mapping[str, Any]) -> PatternBook:
    """Compiles what a patterns file holds: `words`, `spellings`, `emoji`, `run_together`, `harmless` and `patterns`.

    Raises:
        ValueError: a pattern names a list that is not there.
    """
    lists: Mapping[str, Sequence[str]] = data.get("words", {})
    harmless = tuple(_compile(source, lists) for source in data.get("harmless", ()))
    labels = data.get("patterns", {})
    patterns = {label: tuple(_compile(s, lists) for s in entry["any"]) for label, entry in labels.items()}
    unless = {label: tuple(_compile(s, lists) for s in entry.get("unless", ())) for label, entry in labels.items()}
    every = [*harmless, *(p for group in (patterns, unless) for ps in group.values() for p in ps)]
    known = frozenset(word for p in every for word in _literals(p.source, lists))
    folder = Folder(_spellings(data.get("spellings", {})), data.get("emoji", {}), known, frozenset(data.get("run_together", ())))
    return PatternBook(folder, harmless, patterns, unless)


def _first(patterns: Iterable[Pattern], sentence: str, present: set[str]) -> str:
    """The notation of the first pattern that matches, empty where none does. Few have an anchor in a given sentence."""
    return next((p.source for p in patterns if p.anchors & present and p.regex.search(sentence)), "")


def _spellings(listed: Mapping[str, str]) -> dict[str, str]:
    """The file lists a word with its misspellings behind it; the folder wants each misspelling with its word."""
    return {wrong: right for right, wrongs in listed.items() for wrong in wrongs.split()}


def _compile(source: str, lists: Mapping[str, Sequence[str]]) -> Pattern:
    parts: list[str] = []
    anchors: frozenset[str] | None = None
    for item in source.split():
        if item.startswith("~"):
            parts.append(rf"(?: [^ {re.escape(END)}]+){{0,{item[1:] or _GAP}}}?")
        elif item == "^":
            parts.append("^")
        elif item == "$":
            parts.append(r"(?=\s*$)")
        else:
            optional = item.startswith("?")
            choices = _choices(item.lstrip("?"), source, lists)
            word = rf" (?:{'|'.join(_word_regex(c) for c in choices)})(?= )"
            parts.append(f"(?:{word})?" if optional else word)
            firsts = frozenset(c.split()[0] for c in choices)
            if not optional and (anchors is None or _common(firsts) < _common(anchors)):
                anchors = firsts
    return Pattern(source, re.compile("".join(parts)), anchors or frozenset())


def _choices(item: str, source: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    choices: list[str] = []
    for choice in item.split("|"):
        if not choice.startswith("@"):
            choices.append(choice.replace("_", " "))
        elif choice[1:] in lists:
            choices += lists[choice[1:]]
        else:
            raise ValueError(f"pattern '{source}': there is no list '{choice}' under words")
    return choices


def _literals(source: str, lists: Mapping[str, Sequence[str]]) -> set[str]:
    items = [i.lstrip("?") for i in source.split() if i[0] not in "~^$"]
    return {w for i in items for c in _choices(i, source, lists) for w in c.split() if not w.endswith("*")}


def _word_regex(word: str) -> str:
    return " ".join(re.escape(w[:-1]) + r"[a-z0-9]*" if w.endswith("*") else re.escape(w) for w in word.split())


# Words of nearly every message make poor anchors.
_EVERYDAY = frozenset("i im me my is it to the a and of he she they we you was be do not no in on that this for with so all if".split())


def _common(words: frozenset[str]) -> int:
    """How many messages a set of anchors would let through, roughly."""
    return sum(50 if w in _EVERYDAY else 1 for w in words)
