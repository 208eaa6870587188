"""The words that stand for a condition or a form: finds them in a sentence, whatever the case, plural or hyphen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

ENTITIES = {"conditions": "condition", "forms": "form", "medicines": "medicine"}


@dataclass(frozen=True)
class Mention:
    """A stretch of a text (`start` to `end`, in characters) that names the `value` of an `entity`."""

    entity: str
    value: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Vocabulary:
    """Words by entity and value, as `vocabulary.yml` lists them.

    Example:
        >>> vocabulary = Vocabulary({"condition": {"ptsd": ("ptsd", "trauma")}, "form": {"iv": ("iv", "infusion")}})
        >>> [(m.entity, m.value, m.text) for m in vocabulary.find("Do infusions help PTSD?")]
        [('form', 'iv', 'infusions'), ('condition', 'ptsd', 'PTSD')]
    """

    words: Mapping[str, Mapping[str, tuple[str, ...]]]

    def find(self, text: str) -> list[Mention]:
        """Every mention, longest first where two overlap, in reading order."""
        mentions = []
        for match in self._pattern.finditer(text):
            key = _key(match.group())
            # The pattern's notion of a small letter is wider than `lower`: it takes the long s of "ptſd" for an s.
            if meaning := self._meaning.get(key) or self._meaning.get(key[:-1]):
                mentions.append(Mention(*meaning, match.start(), match.end(), match.group()))
        return mentions

    def expand(self, text: str) -> str:
        """The text with the plain name of each meaning behind it, where the text uses another word for it.

        >>> Vocabulary({"medicine": {"benzodiazepine": ("benzodiazepines", "xanax")}}).expand("is xanax ok?")
        'is xanax ok? (benzodiazepines)'
        """
        said = _key(text)
        names = [self.words[m.entity][m.value][0] for m in self.find(text)]
        missing = [name for name in dict.fromkeys(names) if _key(name) not in said]
        return f"{text} ({', '.join(missing)})" if missing else text

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Every value of every entity."""
        return tuple(value for values in self.words.values() for value in values)

    @cached_property
    def _meaning(self) -> dict[str, tuple[str, str]]:
        return {
            _key(w): (entity, value)
            for entity, values in self.words.items()
            for value, ws in values.items()
            for w in ws
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        known = sorted(
            (w for values in self.words.values() for ws in values.values() for w in ws), key=len, reverse=True
        )
        # By their first letter, so that most of a text's letters are tried against one list and not against all words.
        parts: dict[str, list[str]] = {}
        for word in known:
            # A space in an entry also matches a hyphen or nothing but more space; a plural s is free.
            rest = re.escape(word[1:]).replace(r"\ ", r"[\s-]+").replace("'", "['’]?")
            parts.setdefault(word[0].lower(), []).append(rest)
        grouped = "|".join(rf"{re.escape(initial)}(?:{'|'.join(rests)})" for initial, rests in parts.items())
        return re.compile(rf"(?<!\w)(?:{grouped or '(?!)'})s?(?!\w)", re.I)


def _key(word: str) -> str:
    """The form under which an entry is stored: small letters, hyphens as spaces, apostrophes gone."""
    return re.sub(r"[\s-]+", " ", word.lower()).replace("’", "").replace("'", "")
