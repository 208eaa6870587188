"""What the knowledge files say, as immutable objects. Nothing here reads a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from bot.knowledge.vocabulary import Vocabulary
from bot.language import DEFAULT_LANGUAGE as DEFAULT_LANGUAGE

# The topics, in the order in which a newcomer's questions come. A topic is a folder of `knowledge/` and, as
# `ask_<topic>` with underscores, an intent.
TOPICS: Mapping[str, str] = {
    "basics": "What ketamine is",
    "how-it-works": "How it works",
    "effectiveness": "Whether it helps",
    "safety": "Safety and side effects",
    "dependence": "Dependence and misuse",
    "eligibility": "Who it is for",
    "medicines": "Other medicines",
    "forms": "Forms of ketamine",
    "sessions": "Sessions",
    "aftercare": "After a session",
    "cost": "Cost and insurance",
    "regulation": "Law and approval",
    "alternatives": "Other treatments",
    "finding-care": "Finding care",
}

# What a source is; `price` marks a clinic's or company's own page, which may be cited for prices only.
SOURCE_KINDS = ("label", "guideline", "paper", "agency", "price")


@dataclass(frozen=True)
class Source:
    """One entry of `sources.yml`: where a statement comes from and what of it was read."""

    id: str
    title: str
    publisher: str
    year: int
    url: str
    kind: str
    read: str
    authors: str = ""


@dataclass(frozen=True)
class Statement:
    """Consecutive words of a knowledge file, character for character, with the sources that stand behind them.

    `sources` is empty only for advice that states no fact ("Ask your clinic.").
    """

    text: str
    sources: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Passage:
    """One reviewed answer: a heading, a few paragraphs of cited statements, and the ways in which visitors ask for it.

    `id` is `<folder>/<file>#<slug>`, chosen by people and stable. `about` holds the values of `vocabulary.yml` (`ptsd`,
    `spravato`) that the passage is about: those that its page declares and those that its heading names.
    """

    id: str
    file: str
    line: int
    language: str
    topic: str
    heading: str
    paragraphs: tuple[tuple[Statement, ...], ...]
    questions: tuple[str, ...]
    facts: tuple[str, ...]
    related: tuple[str, ...]
    reviewed: date
    review_by: date
    reviewer: str
    about: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The passage as a reader sees it, without citation marks; paragraphs are separated by a blank line."""
        return "\n\n".join(" ".join(s.text for s in paragraph) for paragraph in self.paragraphs)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement, in reading order."""
        return tuple(s for paragraph in self.paragraphs for s in paragraph)

    def is_overdue(self, today: date) -> bool:
        """Whether the date by which it should have been reviewed again has passed."""
        return today > self.review_by


# A site that may show the chat: an origin, with * for any part of a name or any port. What is more than that could add
# words of its own to the policy that browsers get.
SITE = re.compile(r"https?://[\w.*-]+(:\d+|:\*)?")


@dataclass(frozen=True)
class Price:
    """One line of the clinic's own price list."""

    item: str
    price: str
    as_of: date


@dataclass(frozen=True)
class Clinic:
    """`clinic.yml`: the facts of the clinic that every reply refers to and none retypes."""

    name: str
    example: bool
    region: str
    phone: str
    after_hours: str
    email: str
    website: str
    booking_url: str
    address: tuple[str, ...]
    hours: tuple[str, ...]
    directions: str = ""
    prices: tuple[Price, ...] = ()
    overdue_passages: str = "label"
    embed_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything that the files of one moment say. `version` is a digest of their bytes, 12 hexadecimal digits."""

    passages: tuple[Passage, ...]
    sources: Mapping[str, Source]
    clinic: Clinic
    vocabulary: Vocabulary
    replies: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    version: str = ""

    @cached_property
    def by_id(self) -> Mapping[str, Passage]:
        """Passages by id."""
        return {p.id: p for p in self.passages}

    @cached_property
    def by_heading(self) -> Mapping[str, Passage]:
        """Passages by heading, in small letters."""
        return {p.heading.casefold(): p for p in self.passages}
