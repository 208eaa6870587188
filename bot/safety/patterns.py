"""Finds word patterns in a folded message.

`patterns.yml` (English) and `patterns_es.yml` (Spanish) hold them, in a notation that a clinician can read.

A pattern is a row of items, each matching one word unless said otherwise::

    want|wanna ~ die        one of these words, at most 3 words between, then "die"
    give_up ~ life          an underscore joins a phrase
    hurt* myself            any word that begins with "hurt"
    @me ~6 plan             a word or phrase of the list "me", at most 6 words between
    ?just end it            "just" may be missing
    ^ help                  only at the beginning of a sentence
    die now|$               "now", or the end of the sentence

A pattern never reaches across the end of a sentence. A label has a group or a list of them: in each, `any` lists what
speaks
for the label, and `unless` names the circumstances (lists of patterns too) that take it back for the sentence in which
they stand.
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

FILES = (Path(__file__).with_name("patterns.yml"), Path(__file__).with_name("patterns_es.yml"))
_GAP = 3
_LAST = "$"
# A word that stands where harmless words were blanked out.
_BLANK = "_"
_Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; a text that it matches holds at least one word of each of its `anchors`, the rarest first."""

    source: str
    regex: re.Pattern[str]
    anchors: tuple[frozenset[str], ...]

    def found_in(self, sentence: str, present: set[str]) -> bool:
        """Whether it matches; most patterns are ruled out by the words that are present."""
        if any(anchor.isdisjoint(present) for anchor in self.anchors):
            return False
        return self.regex.search(sentence) is not None


@dataclass(frozen=True)
class Rule:
    """A pattern that speaks for a label, with the patterns that take it back."""

    label: str
    pattern: Pattern
    unless: tuple[Pattern, ...]


@dataclass(frozen=True)
class PatternBook:
    """All patterns of the files, with the folding that they need."""

    folder: Folder
    harmless: tuple[Pattern, ...]
    rules: tuple[Rule, ...]

    def match(self, folded: str) -> dict[str, str]:
        """The labels that match a folded text, each with the first pattern that did."""
        found: dict[str, str] = {}
        for sentence in folded.split(END):
            if sentence.strip():
                self._match_sentence(f" {sentence.strip()} ", found)
        return found

    def _match_sentence(self, sentence: str, found: dict[str, str]) -> None:
        present = self._present(sentence)
        for number in _numbers(self._harmless_by_anchor, present):
            if self.harmless[number].found_in(sentence, present):
                sentence = self.harmless[number].regex.sub(f" {_BLANK}", sentence)
                present = self._present(sentence)
        for number in _numbers(self._rules_by_anchor, present):
            rule = self.rules[number]
            if rule.label in found or not rule.pattern.found_in(sentence, present):
                continue
            if not any(pattern.found_in(sentence, present) for pattern in rule.unless):
                found[rule.label] = rule.pattern.source

    def _present(self, sentence: str) -> set[str]:
        """What a pattern's anchor may be: the words of a sentence and, with a star, their beginnings."""
        words = set(sentence.split())
        return words | self._stems.intersection(f"{word[:n]}*" for word in words for n in self._stem_lengths)

    @cached_property
    def _harmless_by_anchor(self) -> dict[str, list[int]]:
        return _by_anchor(self.harmless)

    @cached_property
    def _rules_by_anchor(self) -> dict[str, list[int]]:
        return _by_anchor([rule.pattern for rule in self.rules])

    @cached_property
    def _stems(self) -> frozenset[str]:
        every = [*self.harmless, *(p for rule in self.rules for p in (rule.pattern, *rule.unless))]
        return frozenset(word for p in every for anchor in p.anchors for word in anchor if word.endswith("*"))

    @cached_property
    def _stem_lengths(self) -> tuple[int, ...]:
        return tuple({len(stem) - 1 for stem in self._stems})


def _by_anchor(patterns: Sequence[Pattern]) -> dict[str, list[int]]:
    """The numbers of the patterns that a word calls for."""
    index: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns):
        for word in pattern.anchors[0]:
            index.setdefault(word, []).append(number)
    return index


def _numbers(by_anchor: Mapping[str, list[int]], present: set[str]) -> list[int]:
    return sorted({number for word in present for number in by_anchor.get(word, ())})


def load_patterns(paths: Iterable[Path] = FILES) -> PatternBook:
    """Reads and compiles the patterns files."""
    # Every scalar is a word: YAML's own `off` and `no` would become truth values.
    return compile_patterns(*(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader) for path in paths))  # noqa: S506


def compile_patterns(*files: Mapping[str, Any]) -> PatternBook:
    """Compiles what patterns files hold.

    Lists of words and circumstances are a file's own; spellings, emoji and harmless speech hold for all files.

    Args:
        files: mappings with any of `words`, `spellings`, `emoji`, `run_together`, `harmless`, `circumstances` and
            `patterns`.

    Raises:
        ValueError: a pattern names a list, or a group a circumstance, that is not there; a list is in no pattern; or a
            pattern has no word that must occur.
    """
    harmless: list[Pattern] = []
    rules: list[Rule] = []
    spellings: dict[str, str] = {}
    emoji: dict[str, str] = {}
    known: set[str] = set()
    phrases: set[str] = set()
    for data in files:
        lists: _Lists = data.get("words", {})
        named = data.get("circumstances", {})
        circumstances = {name: tuple(_compile(s, lists) for s in sources) for name, sources in named.items()}
        blanked = [_compile(source, lists) for source in data.get("harmless", ())]
        stated = [
            Rule(label, _compile(source, lists), _named(group.get("unless", ()), circumstances))
            for label, groups in data.get("patterns", {}).items()
            for group in ([groups] if isinstance(groups, Mapping) else groups)
            for source in group["any"]
        ]
        every = [*blanked, *(r.pattern for r in stated), *(p for patterns in circumstances.values() for p in patterns)]
        if unused := set(lists).difference(*(_lists_in(pattern.source) for pattern in every)):
            raise ValueError(f"the list '{min(unused)}' under words is in no pattern: use it or delete it")
        harmless += blanked
        rules += stated
        spellings |= _spellings(data.get("spellings", {}))
        emoji |= data.get("emoji", {})
        phrases |= set(data.get("run_together", ()))
        known |= {word for p in [*blanked, *(rule.pattern for rule in stated)] for word in _literals(p.source, lists)}
    return PatternBook(Folder(spellings, emoji, frozenset(known), frozenset(phrases)), tuple(harmless), tuple(rules))


def _named(names: Iterable[str], circumstances: Mapping[str, tuple[Pattern, ...]]) -> tuple[Pattern, ...]:
    missing = [name for name in names if name not in circumstances]
    if missing:
        raise ValueError(f"there is no '{missing[0]}' under circumstances")
    return tuple(pattern for name in names for pattern in circumstances[name])


def _spellings(listed: Mapping[str, str]) -> dict[str, str]:
    """The file lists a word with its misspellings behind it; the folder wants each misspelling with its word."""
    return {wrong: right for right, wrongs in listed.items() for wrong in wrongs.split()}


def _compile(source: str, lists: _Lists) -> Pattern:
    parts: list[str] = []
    anchors: list[frozenset[str]] = []
    for item in source.split():
        if item.startswith("~"):
            parts.append(rf"(?: [^ {re.escape(END)}]+){{0,{item[1:] or _GAP}}}?")
        elif item == "^":
            parts.append("^")
        else:
            optional = item.startswith("?")
            choices = _choices(item, source, lists)
            words = [_word_regex(c) for c in choices if c != _LAST]
            regex = rf" (?:{'|'.join(words)})(?= )" if words else ""
            if _LAST in choices:
                regex = rf"(?:{regex}|(?= *$))" if regex else "(?= *$)"
            elif not optional:
                anchors.append(frozenset(c.split()[0] for c in choices))
            parts.append(f"(?:{regex})?" if optional else regex)
    if not anchors:
        raise ValueError(f"pattern '{source}' has no word that must occur")
    return Pattern(source, re.compile("".join(parts)), tuple(sorted(anchors, key=_common)))


def _choices(item: str, source: str, lists: _Lists) -> list[str]:
    choices: list[str] = []
    for choice in item.lstrip("?").split("|"):
        if not choice.startswith("@"):
            choices.append(choice.replace("_", " "))
        elif choice[1:] in lists:
            choices += lists[choice[1:]]
        else:
            raise ValueError(f"pattern '{source}': there is no list '{choice}' under words")
    return choices


def _lists_in(source: str) -> set[str]:
    """The names of the lists that a pattern uses."""
    return {c[1:] for item in source.split() for c in item.lstrip("?").split("|") if c.startswith("@")}


def _literals(source: str, lists: _Lists) -> set[str]:
    items = [i for i in source.split() if i[0] not in "~^"]
    return {
        w for i in items for c in _choices(i, source, lists) for w in c.split() if not w.endswith("*") and w != _LAST
    }


def _word_regex(word: str) -> str:
    return " ".join(re.escape(w[:-1]) + r"[a-z0-9]*" if w.endswith("*") else re.escape(w) for w in word.split())


# Words of nearly every message make poor anchors.
_EVERYDAY = frozenset(
    "i im me my is it to the a and of he she they we you was be do not no in on that this for with so all if "
    "el la los las un una de que en y por para con mi me te se lo es no ya si".split()
)


def _common(words: frozenset[str]) -> int:
    """How many messages a set of anchors would let through, roughly."""
    return sum(50 if w in _EVERYDAY else 1 for w in words)
