"""What changed between two readings of the knowledge folder, in the terms in which staff review it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from bot.knowledge.model import KnowledgeBase, Passage

# What of a passage is compared as one value each; statements and citations are compared one by one.
_DETAILS = ("heading", "topic", "questions", "facts", "related", "about", "reviewed", "review_by", "reviewer")


@dataclass(frozen=True)
class PassageChange:
    """How one passage changed.

    Attributes:
        old: the passage before.
        new: the passage now.
        removed: statements that were in the old passage only, in reading order.
        added: statements that are in the new passage only, in reading order.
        uncited: sources that the passage no longer cites.
        cited: sources that it cites now and did not before.
        details: names of what else changed, such as `heading`, `questions` or `review_by`.
    """

    old: Passage
    new: Passage
    removed: tuple[str, ...]
    added: tuple[str, ...]
    uncited: tuple[str, ...]
    cited: tuple[str, ...]
    details: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "id": self.new.id,
            "file": self.new.file,
            "line": self.new.line,
            "statements_removed": self.removed,
            "statements_added": self.added,
            "citations_removed": self.uncited,
            "citations_added": self.cited,
            "also_changed": self.details,
        }


@dataclass(frozen=True)
class Differences:
    """Everything that differs between two knowledge bases; passages are compared by id, sources by name."""

    added: tuple[Passage, ...]
    removed: tuple[Passage, ...]
    changed: tuple[PassageChange, ...]
    sources_added: tuple[str, ...]
    sources_removed: tuple[str, ...]
    sources_changed: tuple[str, ...]
    clinic_changed: tuple[str, ...]
    replies_changed: tuple[str, ...]
    vocabulary_changed: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return any(getattr(self, f.name) for f in fields(self))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "passages_added": [p.id for p in self.added],
            "passages_removed": [p.id for p in self.removed],
            "passages_changed": [change.as_dict() for change in self.changed],
            **{f.name: getattr(self, f.name) for f in fields(self)[3:]},
        }


def compare(old: KnowledgeBase, new: KnowledgeBase) -> Differences:
    """What differs between two knowledge bases, in the order of the files."""
    shared = ((old.by_id[p.id], p) for p in new.passages if p.id in old.by_id)
    sources = _keys(old.sources, new.sources)
    replies = _keys(_entries(old.replies), _entries(new.replies))
    vocabulary = _keys(_entries(old.vocabulary.words), _entries(new.vocabulary.words))
    return Differences(
        added=tuple(p for p in new.passages if p.id not in old.by_id),
        removed=tuple(p for p in old.passages if p.id not in new.by_id),
        changed=tuple(change for pair in shared if (change := _change(*pair))),
        sources_added=sources[0],
        sources_removed=sources[1],
        sources_changed=sources[2],
        clinic_changed=_fields_changed(old.clinic, new.clinic),
        replies_changed=sum(replies, ()),
        vocabulary_changed=sum(vocabulary, ()),
    )


def _change(old: Passage, new: Passage) -> PassageChange | None:
    """How a passage changed, None where it did not."""
    before, after = [s.text for s in old.statements], [s.text for s in new.statements]
    cited_before, cited_after = _cited(old), _cited(new)
    removed, added = _missing_from(after, before), _missing_from(before, after)
    details = [name for name in _DETAILS if getattr(old, name) != getattr(new, name)]
    if not removed and not added and _layout(old) != _layout(new):
        details.append("order, paragraphs or citation marks")
    change = PassageChange(
        old,
        new,
        removed,
        added,
        _missing_from(cited_after, cited_before),
        _missing_from(cited_before, cited_after),
        tuple(details),
    )
    return change if any((removed, added, change.uncited, change.cited, details)) else None


def _layout(passage: Passage) -> list[list[tuple[str, tuple[str, ...]]]]:
    return [[(s.text, s.sources) for s in paragraph] for paragraph in passage.paragraphs]


def _cited(passage: Passage) -> list[str]:
    return list(dict.fromkeys(name for s in passage.statements for name in s.sources))


def _missing_from(there: Sequence[str], here: Sequence[str]) -> tuple[str, ...]:
    return tuple(text for text in here if text not in there)


def _keys(
    old: Mapping[str, object], new: Mapping[str, object]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Keys that were added, that were removed, and that have another value."""
    added, removed = (tuple(sorted(k)) for k in (new.keys() - old.keys(), old.keys() - new.keys()))
    return added, removed, tuple(k for k in new if k in old and old[k] != new[k])


def _entries(groups: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """The entries of two levels under one name each: `en/greet`."""
    return {f"{group}/{name}": value for group, entries in groups.items() for name, value in entries.items()}


def _fields_changed(old: Any, new: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(old) if getattr(old, f.name) != getattr(new, f.name))
