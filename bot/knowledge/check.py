"""Says what is wrong with the content of the knowledge files, in words that clinic staff can act on.

Rules that block publishing protect a visitor: no statement without its source, no dose, no promise, nothing unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from bot.errors import Problem, UsageError
from bot.knowledge.files import line_of
from bot.knowledge.fixed_texts import check_replies
from bot.knowledge.model import KnowledgeBase, Passage
from bot.safety.resources import load_region
from bot.text import collapse, sentences, words

MAX_WORDS = 120
MIN_QUESTIONS = 10
# Flesch-Kincaid grade of one passage. Drug names alone cost two grades, so the median aims at 8; no passage passes 11.
MAX_GRADE = 11.0

_DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|µg|ug|milligrams?|micrograms?|grams?|ml|cc|mg/kg)\b|\bmg/kg\b|\b\d+\s*(?:tablets|lozenges|troches|sprays)\b",
    re.I,
)
_PROMISE = re.compile(
    r"\b(?:guaranteed?|miracles?|100\s?%\s*(?:safe|effective)|completely safe|perfectly safe|totally safe"
    r"|no (?:side effects|risks?)|always works|works for everyone|breakthrough|life[- ]changing"
    r"|you (?:are|would be) a (?:good )?candidate|will cure|cures)\b",
    re.I,
)
_LANGUAGE_OF_SUICIDE = re.compile(
    r"\b(?:commit(?:s|ted|ting)? suicide|(?:failed|successful|unsuccessful) (?:suicide )?attempt)\b", re.I
)
_ADDRESS = re.compile(r"https?://|www\.", re.I)
# Sentences that open like this advise and state no fact, so they may stand without a source.
_ADVICE = re.compile(r"^(?:Please |If [^,]+, )?(?:ask|call|tell|talk|speak|bring|check|see|contact|let|write)\b", re.I)


def check_content(knowledge: KnowledgeBase, root: Path) -> list[Problem]:
    """Every problem of content, warnings included."""
    problems: list[Problem] = []
    seen: dict[str, Passage] = {}
    asked: dict[str, Passage] = {}
    for passage in knowledge.passages:
        twin = seen.setdefault(passage.id, passage)
        if twin is not passage:
            problems.append(
                _at(passage, f"'{passage.id}' is also in {twin.file}:{twin.line}: give one of them another short name")
            )
        problems += _check_words(passage)
        problems += _check_sources(passage, knowledge)
        problems += _check_questions(passage, asked)
        problems += [
            _at(passage, f"'Next:' names '{name}', which is no passage: correct it or remove it")
            for name in passage.related
            if name not in knowledge.by_id
        ]
    problems += _check_headings(knowledge.passages)
    if not knowledge.passages:
        problems.append(Problem(root.name, 0, "has no passages: add a page such as safety/side-effects.md"))
    return problems + list(_check_region(knowledge, root))


def _check_region(knowledge: KnowledgeBase, root: Path) -> Iterator[Problem]:
    """Whether the clinic's region has help lines, and whether the fixed sentences name what the bot can fill in."""
    region = knowledge.clinic.region
    try:
        facts = frozenset(load_region(region).phrases["en"])
    except UsageError as error:
        if region:
            message = str(error).removeprefix("clinic.yml: ")
            yield Problem(f"{root.name}/clinic.yml", line_of(_lines(root / "clinic.yml"), "region"), message)
        return
    lines = {language: _lines(root / "replies" / f"{language}.yml") for language in knowledge.replies}
    yield from check_replies(knowledge, facts, f"{root.name}/replies", lines)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _at(passage: Passage, message: str, line: int | None = None, warning: bool = False) -> Problem:
    return Problem(passage.file, passage.line if line is None else line, message, warning)


def _check_words(passage: Passage) -> Iterator[Problem]:
    length = words(passage.text)
    if length > MAX_WORDS:
        yield _at(
            passage,
            f"'{passage.heading}' has {length} words, and a reply holds {MAX_WORDS}: shorten it or make two passages",
        )
    grade = reading_grade(passage.text)
    if grade > MAX_GRADE:
        yield _at(
            passage,
            f"'{passage.heading}' reads at grade {grade:.1f}, and {MAX_GRADE:.0f} is the most: "
            "use shorter sentences and words",
        )
    for statement in passage.statements:
        for pattern, why in (
            (_DOSE, "names an amount of medicine, which the bot never gives"),
            (_PROMISE, "promises more than is known"),
            (_LANGUAGE_OF_SUICIDE, "is wording that harms: say 'died by suicide' or 'attempted suicide'"),
            (_ADDRESS, "is a web address, which belongs into sources.yml and is cited"),
        ):
            if found := pattern.search(statement.text):
                yield _at(passage, f"'{found.group()}' {why}: reword it", statement.line)


def _check_sources(passage: Passage, knowledge: KnowledgeBase) -> Iterator[Problem]:
    if not any(s.sources for s in passage.statements):
        yield _at(passage, f"'{passage.heading}' cites nothing: end its sentences with [^source]")
    for statement in passage.statements:
        for name in statement.sources:
            if knowledge.sources and name not in knowledge.sources:
                yield _at(
                    passage, f"[^{name}] is not in sources.yml: correct the name or add the source", statement.line
                )
        parts = sentences(statement.text)
        for sentence in parts if not statement.sources else parts[:-1]:
            if not (_ADVICE.match(sentence) or sentence.endswith("?")):
                yield _at(passage, f"'{_short(sentence)}' has no source: end it with [^source]", statement.line)


def _check_headings(passages: Iterable[Passage]) -> Iterator[Problem]:
    """Choices are offered by their headings, so each belongs to one passage."""
    first: dict[str, Passage] = {}
    for passage in passages:
        twin = first.setdefault(passage.heading.casefold(), passage)
        if twin is not passage:
            yield _at(passage, f"'{passage.heading}' is also the heading of {twin.id}: word one of them in another way")


def _check_questions(passage: Passage, asked: dict[str, Passage]) -> Iterator[Problem]:
    if len(passage.questions) < MIN_QUESTIONS:
        yield _at(
            passage,
            f"'{passage.heading}' has {len(passage.questions)} questions under 'Visitors ask:', "
            f"and {MIN_QUESTIONS} are needed: add some",
        )
    for question in passage.questions:
        key = re.sub(r"\W+", " ", question.lower()).strip()
        twin = asked.setdefault(f"{passage.language}:{key}", passage)
        if twin is not passage:
            yield _at(passage, f"'{question}' is also asked of {twin.id}: keep it where it is answered best")


@lru_cache(maxsize=4096)
def reading_grade(text: str) -> float:
    """Flesch-Kincaid grade of a text (US school years), as the textstat package computes it."""
    import textstat

    return float(textstat.flesch_kincaid_grade(text))


def _short(text: str, limit: int = 60) -> str:
    text = collapse(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
