"""Which of the choices just offered a message picks, by its number or by what it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.reading import content_roots
from bot.knowledge.vocabulary import Vocabulary

_ORDINALS = (
    {"1", "1st", "first", "former", "top"},
    {"2", "2nd", "second", "two", "middle"},
    {"3", "3rd", "third", "three"},
)
_LAST = {"last", "bottom", "latter"}
# Words that may stand beside the number of a choice, and beside its subject: "the spray one please".
_BESIDE = frozenset(
    "the one ones please pls plz option number nr no i mean meant that yes ok is it of list suggestion choice question "
    "in your thanks thx thank you".split()
)
# "The insurance one", "the bit on pills".
_PICKS = re.compile(r"\bthe\b.*\b(?:one|part|bit|question|option)\b", re.I)
# "Is the spray one safe" asks and picks nothing.
_ASKS = re.compile(r"^(?:is|are|does|do|did|can|could|should|will|would|what|how|when|where|why|who|which)\b", re.I)
# What only serves to pick.
_PICKING = re.compile(r"\b(?:one|part|bit|question|option|mean|meant|please|list)\b", re.I)
_WORD = re.compile(r"\w+")
# A message that picks by number has at most so many words.
PICKED_BY_NUMBER_WORDS = 7


def chosen(text: str, suggestions: Sequence[str]) -> str | None:
    """The suggestion that a message picks, by its number or by its words; None where it picks none.

    >>> chosen("the second one please", ["What does it cost?", "Is it safe?"])
    'Is it safe?'
    """
    said = [w.lower() for w in _WORD.findall(text)]
    for suggestion in suggestions:
        if said == [w.lower() for w in _WORD.findall(suggestion)]:
            return suggestion
    if not said or len(said) > PICKED_BY_NUMBER_WORDS or not suggestions:
        return None
    rest = set(said) - _BESIDE
    if not rest:
        return suggestions[0] if "one" in said[-2:] or said[:2] == ["number", "one"] else None
    if rest <= _LAST:
        return suggestions[-1]
    return next((s for s, names in zip(suggestions, _ORDINALS, strict=False) if rest <= names), None)


def picks(text: str) -> bool:
    """Whether a message speaks of one thing among several."""
    return bool(_PICKS.search(text)) and not asks(text)


def asks(text: str) -> bool:
    """Whether a message begins as a question does.

    >>> asks("does that one hurt"), asks("the spray one")
    (True, False)
    """
    return bool(_ASKS.search(text))


def named(text: str, suggestions: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The choice that a few words name: the only one with the most of them; None where they name none or several.

    >>> offered = ["How much does one infusion cost?", "How much does Spravato cost?"]
    >>> words = Vocabulary({"form": {"iv": ("infusion", "drip"), "spravato": ("Spravato", "spray")}})
    >>> named("the drip one", offered, words)
    'How much does one infusion cost?'
    """
    said = _subjects(_PICKING.sub(" ", text), vocabulary)
    shared = [len(said & _subjects(suggestion, vocabulary)) for suggestion in suggestions]
    best = max(shared, default=0)
    if not said or best * 2 < len(said) or best == 0 or shared.count(best) > 1:
        return None
    return suggestions[shared.index(best)]


def _subjects(text: str, vocabulary: Vocabulary) -> frozenset[str]:
    """What a text is about: the values of the vocabulary that it names, and the roots of its other words."""
    values = set()
    for mention in reversed(vocabulary.find(text)):
        values.add(mention.value)
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return content_roots(text) | values
