"""Fixed sentences: those of `knowledge/replies/` with the clinic's facts, those of the gate with its region's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.answering.conversation import Conversation
from bot.answering.reply import Paragraph, Reply, blocks, say
from bot.knowledge.model import DEFAULT_LANGUAGE, Clinic, KnowledgeBase
from bot.safety.gate import DISTRESS, HEAVY, Verdict
from bot.safety.resources import Region, load_region

TEXTS = Path(__file__).parent.parent / "safety" / "texts"

CONTACTS = (
    "request_human",
    "request_office",
    "request_booking",
    "ask_phone",
    "ask_hours",
    "ask_location",
    "ask_clinic_prices",
)


class Phrasebook:
    """The fixed sentences of one knowledge base in one language, with every placeholder filled.

    Example:
        >>> from pathlib import Path
        >>> from bot.knowledge.parse import read_knowledge
        >>> phrases = Phrasebook(read_knowledge(Path("knowledge"))[0], "en")
        >>> phrases.sentences("empty")[0]
        "I didn't get any words. What would you like to know about ketamine therapy?"
    """

    def __init__(self, knowledge: KnowledgeBase, language: str) -> None:
        self.language = language if language in knowledge.replies else DEFAULT_LANGUAGE
        # What a language has not translated is said in the clinic's own.
        self._own = _over(knowledge.replies[DEFAULT_LANGUAGE], knowledge.replies[self.language])
        self.region = load_region(knowledge.clinic.region)
        self._values = {**_clinic_values(knowledge.clinic), **self.region.words(self.language)}

    def sentences(self, name: str, **more: str) -> tuple[str, ...]:
        """The sentences of an entry, without those that need a fact which the clinic has not given."""
        entry = self._own[name]
        return self._filled(_listed(entry), more)

    def sentence(self, name: str, **more: str) -> str:
        """The only, or the first, sentence of an entry."""
        return self.sentences(name, **more)[0]

    def label(self, name: str, **more: str) -> str:
        """A label of the plain-text form."""
        labels = self._own["labels"]
        assert isinstance(labels, dict)
        return str(labels[name]).format_map({**self._values, **more}) if more else str(labels[name])

    def labels(self) -> Mapping[str, str]:
        """All labels, unfilled."""
        labels = self._own["labels"]
        assert isinstance(labels, dict)
        return labels

    def decline(self, kind: str) -> tuple[str, str, Sequence[str]]:
        """What to say, whom to ask and which passages are safe to show, for a kind of personal advice."""
        declined = self._own["declined"]
        assert isinstance(declined, dict)
        entry = declined[kind]
        say, point = (" ".join(self._filled(_listed(entry[part]), {})) for part in ("say", "point"))
        return say, point, tuple(entry["passages"])

    def _filled(self, sentences: Sequence[str], more: Mapping[str, str]) -> tuple[str, ...]:
        values = {**self._values, **more}
        lines: list[str] = []
        for sentence in sentences:
            needed = re.findall(r"{(\w+)}", sentence)
            if all(values.get(name) for name in needed):
                lines += sentence.format_map(values).split("\n")
        return tuple(lines)


def _over(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of two languages laid over each other, entry by entry at every depth."""
    merged = {
        key: _over(default[key], entry) if isinstance(entry, dict) and isinstance(default.get(key), dict) else entry
        for key, entry in own.items()
    }
    return {**default, **merged}


def _listed(entry: object) -> list[str]:
    return entry if isinstance(entry, list) else [str(entry)]


def _clinic_values(clinic: Clinic) -> dict[str, str]:
    prices = [f"{p.item}: {p.price} ({p.as_of.isoformat()})" for p in clinic.prices]
    return {
        "clinic": clinic.name,
        "phone": clinic.phone,
        "after_hours": clinic.after_hours,
        "email": clinic.email,
        "website": clinic.website,
        "booking": clinic.booking_url,
        "address": ", ".join(clinic.address),
        "hours": "\n".join(clinic.hours),
        "directions": clinic.directions,
        "prices": "\n".join(prices),
    }


@cache
def _safety_texts(language: str) -> Mapping[str, Any]:
    path = TEXTS / f"{language}.yml"
    return dict(
        yaml.safe_load((path if path.is_file() else TEXTS / f"{DEFAULT_LANGUAGE}.yml").read_text(encoding="utf-8"))
    )


def crisis_reply(label: str, region: Region, language: str, before: int = 0) -> Reply:
    """The fixed reply for one of the gate's stops. Needs no index, no network and no other part of the bot.

    Args:
        label: one of `bot.safety.gate.STOPS`.
        region: whose help lines to name.
        language: `en` or `es`.
        before: how often the conversation has had this kind of reply; a further one is short, and not the last one.
    """
    texts = _safety_texts(language)
    again = texts["again"][label]
    sentences = again[(before - 1) % len(again)] if before else texts[label]
    words = _with_capitals(region.words(language))
    said = [line for sentence in sentences if (line := sentence.format_map(words).strip())]
    kind = "emergency" if label == "emergency" else "crisis"
    return say(
        kind,
        said,
        tier=None if kind == "emergency" else label,
        resources=region.resources(label, language),
        language=language,
    )


def apology(phrases: Phrasebook | None, region: Region, language: str = DEFAULT_LANGUAGE) -> Reply:
    """The reply when something broke: an apology, the clinic's contact and the crisis line.

    Args:
        phrases: the fixed sentences, None where they cannot be read.
        region: whose crisis line to name.
        language: `en` or `es`, where there are no sentences to tell.
    """
    language = phrases.language if phrases else language
    words = _with_capitals(region.words(language))
    broken = _safety_texts(language)["broken"]
    lines = phrases.sentences("error") if phrases else [line.format_map(words) for line in broken]
    return say("error", lines, resources=region.resources("distress", language), language=language)


def calmed_reply(danger: str, phrases: Phrasebook) -> Reply:
    """The reply to who says, right after help lines for a danger, that there is none."""
    kind = danger if danger == "emergency" else "danger"
    words = phrases.region.words(phrases.language)
    return say("smalltalk", [line.format_map(words) for line in _safety_texts(phrases.language)["calmed"][kind]])


def with_support(reply: Reply, verdict: Verdict | None, said: Conversation, phrases: Phrasebook) -> Reply:
    """A normal reply with one sentence of support and the crisis line, where message or conversation call for it.

    Args:
        reply: what the message gets.
        verdict: what the safety gate says of it.
        said: the conversation before it.
        phrases: the fixed sentences, for region and language.
    """
    reason = support_reason(verdict, said)
    if reason is None:
        return reply
    line = support_line(reason, phrases.region, phrases.language)
    resources = phrases.region.resources("emergency" if reason == "pinned_emergency" else "distress", phrases.language)
    is_heard = verdict is not None and verdict.label in (DISTRESS, HEAVY)
    reply = replace(reply, tier="distress" if is_heard else reply.tier, resources=resources)
    if reason == "distress" or reply.offers_choices:
        # What announces choices stands right above them.
        return reply.below([line])
    block = blocks(reply.paragraphs)[-1][-1].block + 1 if reply.paragraphs else 0
    return replace(reply, paragraphs=(*reply.paragraphs, Paragraph(line, block=block)))


def support_line(reason: str, region: Region, language: str) -> str:
    """The one sentence beside a normal reply; `reason` is a name among the texts' `support`."""
    return str(_safety_texts(language)["support"][reason]).format_map(_with_capitals(region.words(language)))


def support_reason(verdict: Verdict | None, said: Conversation) -> str | None:
    """Why a normal reply carries a sentence of support (a name among the texts), None where it does not.

    Who was just told how sorry the bot is, is not told so again right after.
    """
    if verdict and verdict.label == DISTRESS and not said.was_consoled:
        return "distress"
    if said.help:
        return "pinned_emergency" if said.help == "emergency" else "pinned"
    return "information" if verdict and verdict.label in (DISTRESS, HEAVY) else None


def _with_capitals(words: Mapping[str, str]) -> dict[str, str]:
    return {**words, **{name.capitalize(): text[:1].upper() + text[1:] for name, text in words.items()}}
