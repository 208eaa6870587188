"""Whether replies quote what stands in the files: every cited word, every link, every answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.evaluation.metrics import Share, share
from bot.knowledge.model import KnowledgeBase


def check_reply(custom: Mapping[str, Any], knowledge: KnowledgeBase, files: Mapping[str, str]) -> dict[str, list[bool]]:
    """For one reply: is each quoted paragraph in a file that it cites, is each link a source's, is an answer cited?

    Args:
        custom: the reply's `custom` object.
        knowledge: what the links are compared with.
        files: contents of the knowledge files by name.
    """
    by_number = {c["number"]: c for c in custom["citations"]}
    quoted = [
        any(p["text"] in files.get(by_number[n]["passage"]["file"], "") for n in p["citations"])
        for p in custom["paragraphs"]
        if p["citations"] and not _is_about_answer(p["text"], knowledge)
    ]
    links = [c["url"] == knowledge.sources[c["source_id"]].url for c in custom["citations"]]
    cited = [bool(custom["citations"])] if custom["kind"] == "answer" else []
    return {"quoted text in the file": quoted, "links from sources.yml": links, "answers with a citation": cited}


def summary(replies: Iterable[Mapping[str, Any]], knowledge: KnowledgeBase) -> dict[str, Share]:
    """The shares over many replies; 100 % of each is right."""
    files = {p.file: Path(p.file).read_text(encoding="utf-8") for p in knowledge.passages}
    found: dict[str, list[bool]] = {}
    for custom in replies:
        for name, outcomes in check_reply(custom, knowledge, files).items():
            found.setdefault(name, []).extend(outcomes)
    return {name: share(outcomes) for name, outcomes in found.items()}


def _is_about_answer(text: str, knowledge: KnowledgeBase) -> bool:
    """Whether a paragraph is one of the fixed sentences that speak of the last answer and carry its citations."""
    entries = [line for name in ("source_lead", "reviewer", "truth") for line in _lines(knowledge.replies["en"][name])]
    return any(text.startswith(line.split("{")[0]) for line in entries)


def _lines(entry: object) -> list[str]:
    return [str(line) for line in entry] if isinstance(entry, list) else [str(entry)]
