"""Checks the fixed sentences of `replies/`: all are there, and each names only facts that the bot can fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from bot.errors import Problem
from bot.knowledge.files import line_of
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase

# The entries that the bot may say. The default language has all of them; what another lacks is said in the default one.
ENTRIES = frozenset(
    "notice greet goodbye thank ask_bot_identity ask_privacy ask_language give_feedback tell empty too_long deny "
    "nothing_to_repeat about_answers request_human request_office request_booking ask_phone ask_hours ask_location "
    "ask_clinic_prices own_prices no_answer off_topic clarify more_questions nearest_again rest_unanswered error "
    "language_note source_lead reviewer truth simpler_lead no_more".split()
)
# What stands above an answer, and is not said where the clinic has not given its facts.
ADDED = frozenset({"own_prices"})
LABELS = frozenset({"sources", "reviewed", "overdue"})
# The kinds of personal advice that are declined; `any` is what may be of several kinds.
DECLINED = frozenset(f"E-{number}" for number in range(1, 26) if number != 22) | {"any"}

# What a clinic may leave empty; a sentence that needs it is then left out.
_OPTIONAL = frozenset("after_hours email website booking address hours directions prices".split())
_FACTS = _OPTIONAL | frozenset("clinic phone date review_by reviewer".split())
_LABEL_FACTS = frozenset({"date"})


def check_replies(
    knowledge: KnowledgeBase, region_facts: frozenset[str], folder: str, lines: Mapping[str, list[str]]
) -> Iterator[Problem]:
    """What is wrong with the fixed sentences.

    Args:
        knowledge: the files.
        region_facts: names in braces that the region's file fills in.
        folder: name of the folder, for messages.
        lines: the lines of each language's file.
    """
    facts = _FACTS | region_facts
    for language, replies in knowledge.replies.items():
        for key, message, warning in _problems(replies, facts, knowledge, language == DEFAULT_LANGUAGE):
            yield Problem(f"{folder}/{language}.yml", line_of(lines.get(language, []), key), message, warning)


def _problems(
    replies: Mapping[str, object], facts: frozenset[str], knowledge: KnowledgeBase, is_default: bool
) -> Iterator[tuple[str, str, bool]]:
    """Entry, message, and whether it is only a warning."""
    groups = {"labels": LABELS, "declined": DECLINED}
    for key in sorted((ENTRIES | set(groups)) - set(replies)) if is_default and replies else ():
        yield key, f"has no '{key}': put it back", False
    for key, entry in replies.items():
        if key in groups:
            yield from _group(key, entry, groups[key], is_default)
        elif key not in ENTRIES:
            yield key, f"'{key}' is never said: correct the name or remove it", True
        known = _LABEL_FACTS if key == "labels" else facts
        yield from ((key, f"'{key}' {wrong}", False) for wrong in _wrong(key, entry, known))
    declined = replies.get("declined")
    for kind, entry in declined.items() if isinstance(declined, dict) else ():
        # The passages are the same in every language, so another than the default one need not repeat them.
        named = entry.get("passages", None if is_default else []) if isinstance(entry, dict) else None
        if not isinstance(named, list) or not {"say", "point"} <= set(entry):
            needed = "'say: …', 'point: …' and 'passages: […]'" if is_default else "'say: …' and 'point: …'"
            yield kind, f"'{kind}' needs {needed}", False
            continue
        if unknown := [str(name) for name in named if name not in knowledge.by_id]:
            yield kind, f"'{kind}' names what is no passage: correct or remove {', '.join(unknown)}", True


def _group(key: str, entry: object, names: frozenset[str], is_default: bool) -> Iterator[tuple[str, str, bool]]:
    if not isinstance(entry, dict):
        yield key, f"'{key}' must be followed by indented lines of 'name: value'", False
    elif is_default and names - set(entry):
        yield key, f"'{key}' has no {', '.join(sorted(names - set(entry)))}: put it back", False


def _wrong(key: str, entry: object, facts: frozenset[str]) -> Iterator[str]:
    """What is wrong with the texts under an entry, at any depth."""
    if isinstance(entry, dict):
        for name, inner in entry.items():
            if name != "passages":
                yield from _wrong(str(name), inner, facts)
        return
    texts: list[Any] = entry if isinstance(entry, list) else [entry]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        yield "must be a text, or a list of texts in brackets, each in quotes"
        return
    try:
        named = [{name for _, name, _, _ in Formatter().parse(text) if name is not None} for text in texts]
    except ValueError:
        yield "has a curly bracket that is not closed: write {clinic}"
        return
    if unknown := sorted({name for names in named for name in names} - facts):
        yield f"names {{{unknown[0]}}}, which nothing fills in: use one of {', '.join(sorted(facts))}"
    elif key not in ADDED and all(names & _OPTIONAL for names in named):
        missing = sorted(named[0] & _OPTIONAL)[0]
        yield f"says nothing where the clinic has no {missing}: add a sentence without {{{missing}}}"
