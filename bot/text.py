"""Small, pure text helpers that more than one part needs."""

from __future__ import annotations

import re
import unicodedata

# Full stops that do not end a sentence.
_ABBREVIATIONS = (
    "e.g.",
    "i.e.",
    "vs.",
    "etc.",
    "Dr.",
    "Mr.",
    "Ms.",
    "Mrs.",
    "St.",
    "No.",
    "approx.",
    "U.S.",
    "a.m.",
    "p.m.",
)
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9])")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Zero-width and direction marks: invisible, and a way to hide a word from a matcher.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_SPACE = re.compile(r"\s+")
_APOSTROPHES = re.compile("[’‘`´ʼ′＇]")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
# Unicode's categories of other symbols and of modifiers such as skin tones.
_PICTURES = ("So", "Sk")
_RUN = re.compile(r"([^\W\d_])\1{2,}")


def sentences(text: str) -> list[str]:
    """Splits English or Spanish prose into sentences, in order; white space at the ends is dropped.

    >>> sentences("It may help, e.g. For a day. Not for all (U.S. trials). Ask!")
    ['It may help, e.g. For a day.', 'Not for all (U.S. trials).', 'Ask!']
    """
    pieces: list[str] = []
    for piece in _SENTENCE_END.split(text.strip()):
        if pieces and pieces[-1].endswith(_ABBREVIATIONS):
            pieces[-1] = f"{pieces[-1]} {piece}"
        elif piece:
            pieces.append(piece)
    return pieces


def words(text: str) -> int:
    """How many words a reader would count.

    >>> words("One day, for 40 minutes.")
    5
    """
    return len(text.split())


def collapse(text: str) -> str:
    """The text with every run of white space as one space, ends trimmed."""
    return _SPACE.sub(" ", text).strip()


def lines_of(text: str) -> str:
    r"""The text with white space collapsed within its lines, and without empty ones.

    >>> lines_of(" a  b \r\n\n c ")
    'a b\nc'
    """
    return "\n".join(filter(None, map(collapse, text.splitlines())))


def clean(text: str, limit: int) -> str:
    r"""What a visitor typed, made safe: composed Unicode, no control or invisible characters, at most `limit` long.

    The words themselves are never changed, and lines stay lines: they tell questions apart.

    >>> clean("price\r\n  risks  and\ttime \n\n", 100)
    'price\nrisks and time'
    """
    text = unicodedata.normalize("NFC", text[: limit * 4])
    text = INVISIBLE.sub("", _CONTROL.sub(" ", text))
    return lines_of(text)[:limit].strip()


def straight(text: str) -> str:
    """The text with every kind of apostrophe as the plain one.

    >>> straight("what’s it")
    "what's it"
    """
    return _APOSTROPHES.sub("'", text)


def plain(text: str) -> str:
    """The form that trained judges read: no invisible characters, curly apostrophes, web addresses or stretched words.

    Emoji go too: the encoder knows none of them, and reads each as the same unknown word.

    >>> plain("I’m sooooo   tired\u200b 😞 https://example.org/x")
    "I'm soo tired"
    """
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = "".join(" " if unicodedata.category(c) in _PICTURES else c for c in text)
    return collapse(_RUN.sub(r"\1\1", ADDRESS.sub(" ", straight(text))))
