"""Whether whole conversations and messages with several questions get what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from bot.answering.answerer import ABOUT_THE_BOT
from bot.evaluation.metrics import Share, share
from bot.evaluation.running import Ask
from bot.knowledge.model import DEFAULT_LANGUAGE, KnowledgeBase

# Follow-ups that are about the passage just shown, and those for which that passage is not more.
ABOUT_SHOWN = ("shorter", "simpler", "source", "doubt", "reviewer")
BEYOND_SHOWN = ("more", "affirm")


@dataclass(frozen=True)
class Judged:
    """One turn or one part of a message."""

    id: str
    follow_up: str
    text: str
    right: bool
    kind: str
    shown: tuple[str, ...]
    wanted: str


def run_dialogues(ask: Ask, rows: Sequence[dict[str, Any]], knowledge: KnowledgeBase) -> list[Judged]:
    """Holds every conversation and judges each turn."""
    judged = []
    for row in rows:
        before: dict[str, Any] | None = None
        for number, turn in enumerate(row["turns"]):
            custom = ask(turn["text"], row["id"])["custom"]
            right = _turn_is_right(turn, custom, before, knowledge)
            judged.append(_judged(f"{row['id']}.{number + 1}", turn["follow_up"], turn, right, custom))
            before = custom
    return judged


def run_parts(ask: Ask, rows: Sequence[dict[str, Any]], knowledge: KnowledgeBase) -> list[Judged]:
    """Asks every message and judges each of its questions: answered or offered."""
    judged = []
    for row in rows:
        custom = ask(row["text"], row["id"])["custom"]
        for number, part in enumerate(row["parts"]):
            right = _fits(part, custom, knowledge)
            judged.append(_judged(f"{row['id']}.{number + 1}", "part", part, right, custom))
    return judged


def summary(judged: Sequence[Judged]) -> dict[str, Share]:
    """All together, and by kind of follow-up."""
    groups = sorted({j.follow_up for j in judged})
    every = {"all": share([j.right for j in judged])}
    return {**every, **{name: share([j.right for j in judged if j.follow_up == name]) for name in groups}}


def _judged(name: str, follow_up: str, wanted: dict[str, Any], right: bool, custom: dict[str, Any]) -> Judged:
    return Judged(
        name,
        follow_up,
        wanted["text"],
        right,
        custom["kind"],
        tuple(sorted(_shown(custom))),
        str(wanted.get("passages", [])[:2]),
    )


def _turn_is_right(
    turn: dict[str, Any], custom: dict[str, Any], before: dict[str, Any] | None, knowledge: KnowledgeBase
) -> bool:
    allowed = set(turn.get("passages", ()))
    if before is not None and turn["follow_up"] in ABOUT_SHOWN and _shown(before):
        allowed &= _shown(before)
    if before is not None and turn["follow_up"] in BEYOND_SHOWN:
        allowed -= _shown(before)
    picked = turn.get("choice")
    if before is not None and picked and before["kind"] == "clarify" and picked <= len(before["suggestions"]):
        passage = knowledge.by_heading.get(before["suggestions"][picked - 1].casefold())
        allowed = {passage.id} if passage else allowed
    if not allowed and turn["kind"] == "answer":
        return False
    return _fits({**turn, "passages": allowed}, custom, knowledge)


def _fits(wanted: dict[str, Any], custom: dict[str, Any], knowledge: KnowledgeBase) -> bool:
    kinds = set(wanted.get("kinds") or [wanted["kind"]])
    passages = set(wanted.get("passages", ()))
    offered = {p.id for s in custom["suggestions"] if (p := knowledge.by_heading.get(s.casefold()))}
    if wanted.get("follow_up") is None:
        # A part of a message: whatever kind the whole reply is, the part is served when its passage is shown or
        # offered.
        if passages & (_shown(custom) | offered):
            return True
        return custom["kind"] in kinds and not passages or _has_kind(custom, kinds, knowledge)
    if custom["kind"] not in kinds:
        return False
    if custom["kind"] == "clarify":
        return not passages or bool(passages & offered)
    return custom["kind"] != "answer" or not passages or bool(passages & _shown(custom))


def _has_kind(custom: dict[str, Any], kinds: set[str], knowledge: KnowledgeBase) -> bool:
    """Whether a joined reply holds a refusal, the clinic's facts, talk about the bot, or that it has no answer."""
    uncited = [p["text"] for p in custom["paragraphs"] if not p["citations"]]
    unanswered = _lead(knowledge, "rest_unanswered")
    clinic = knowledge.clinic
    marks = {
        "contact": (clinic.phone, clinic.after_hours, clinic.email, *clinic.address, *clinic.hours),
        "smalltalk": [_lead(knowledge, entry) for entry in ABOUT_THE_BOT],
    }
    # That there is no answer names the phone too, and is no clinic fact for that.
    told = " ".join(text for text in uncited if not text.startswith(unanswered))
    return (
        any(mark and mark in told for kind in kinds & marks.keys() for mark in marks[kind])
        or ("declined" in kinds and custom["kind"] == "declined")
        or ("no_answer" in kinds and any(text.startswith(unanswered) for text in uncited))
    )


def _lead(knowledge: KnowledgeBase, entry: str) -> str:
    """The beginning of a fixed text, up to its first fact."""
    lines = cast(Sequence[str], knowledge.replies[DEFAULT_LANGUAGE][entry])
    return lines[0].partition("{")[0].strip()


def _shown(custom: dict[str, Any]) -> set[str]:
    return {c["passage"]["id"] for c in custom["citations"]}
