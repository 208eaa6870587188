"""Reads what in a message only makes sense after the last answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.knowledge.vocabulary import Vocabulary
from bot.text import straight

# A longer message is a story with a question somewhere in it.
STORY_WORDS = 25
_WORDS = re.compile(r"[\w']+")

# Words that carry no subject of their own.
_EMPTY = frozenset(
    "a an the and or but so also ok okay then well hi hello hey um uh like just please thanks thank you u i im i'm ive my me we our us for with "
    "without about of on in at to from by as if is are am was be been it's its it that that's thats this these those they them there their "
    "one ones he she his her do does did can could should would will what what's whats how hows which who when where why same thing too "
    "though tho exactly really actually even still any some more much many have has had got get case instead else mean yes no not kind sort "
    "type version cool great sure right alright hmm oh ah wait person people someone".split()
)
_POINTERS = frozenset(
    "it its it's that thats that's this these those they them their there one ones both either".split()
)
# Openers of a message that goes on from the last answer, and fillers before them.
_LEAD = re.compile(
    r"^(?:(?:and|or|but|so|also|ok(?:ay)?|then|now|well|right|cool|great|good|fine|perfect|interesting|thanks|thank you|got it|i see|"
    r"makes sense|hmm+|huh|wow|damn|lol|yeah|yes|no(?=[\s]*(?:[,.!?]|$))|oh|alright|sure|gotcha|sorry|actually|i mean(?:t)?|wait|"
    r"what about|how about|what of|what if|same (?:question )?for|is it the same (?:for|with))(?![\w-])[\s,.!?]*)+",
    re.I,
)


@dataclass(frozen=True)
class Cues:
    """What the words of a message alone say of how it stands to what came before.

    Attributes:
        is_empty: no word carries a subject of its own.
        is_short: at most three words.
        points: "it", "that", "there".
        leads: begins like a message that goes on: "and", "what about".
        named: values of the vocabulary that it names.
    """

    is_empty: bool
    is_short: bool
    points: bool
    leads: bool
    named: tuple[str, ...]


def cues_of(text: str, vocabulary: Vocabulary) -> Cues:
    """The cues of a message."""
    text = straight(text)
    said = [w.lower() for w in _WORDS.findall(text)]
    mentions = vocabulary.find(text)
    covered = {w for m in mentions for w in _WORDS.findall(m.text.lower())}
    has_content = any(w not in _EMPTY and w not in covered for w in said)
    return Cues(
        is_empty=not has_content and not mentions,
        is_short=len(said) <= 3,
        points=any(w in _POINTERS for w in said),
        leads=bool(_LEAD.match(text)),
        named=tuple(dict.fromkeys(m.value for m in mentions)),
    )


def content_roots(text: str) -> frozenset[str]:
    """The words that carry a subject, by their first five letters.

    >>> sorted(content_roots("And the costs of infusions?"))
    ['cost', 'infus']
    """
    return frozenset(
        word[:5] if len(word) > 5 else word.removesuffix("s")
        for word in map(str.lower, _WORDS.findall(straight(text)))
        if word not in _EMPTY and len(word) > 1
    )
