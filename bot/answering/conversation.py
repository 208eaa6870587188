"""What of the conversation so far a reply depends on; read from the channel's own record of it, never kept twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.answering.reply import Reply
from bot.language import DEFAULT_LANGUAGE

# The kinds of reply that the safety gate gives.
HELP = ("crisis", "emergency")


@dataclass(frozen=True)
class Said:
    """What one earlier reply was."""

    kind: str
    tier: str | None
    topic: str | None
    passages: tuple[str, ...]
    suggestions: tuple[str, ...]
    language: str = DEFAULT_LANGUAGE

    @property
    def shown(self) -> str | None:
        """Id of the passage that it showed last, None where it showed none."""
        return self.quoted[-1] if self.quoted else None

    @property
    def quoted(self) -> tuple[str, ...]:
        """Ids of the passages that it showed."""
        return self.passages if self.kind in ("answer", "declined") else ()

    @property
    def is_help(self) -> bool:
        """Whether it was the safety gate's."""
        return self.kind in HELP

    @property
    def danger(self) -> str | None:
        """The gate's label where it was the gate's, else None."""
        return (self.tier or self.kind) if self.is_help else None

    @classmethod
    def of(cls, reply: Reply) -> Said:
        """The part of a reply that later turns need."""
        return cls(reply.kind, reply.tier, reply.topic, reply.passages, reply.suggestions, reply.language)

    def as_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {
            "kind": self.kind,
            "tier": self.tier,
            "topic": self.topic,
            "passages": list(self.passages),
            "suggestions": list(self.suggestions),
            "language": self.language,
        }

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> Said:
        """Reads what `as_dict` wrote; what is missing is empty."""

        def texts(name: str) -> tuple[str, ...]:
            value = data.get(name)
            return tuple(str(v) for v in value) if isinstance(value, list) else ()

        tier, topic = data.get("tier"), data.get("topic")
        return cls(
            str(data.get("kind", "")),
            tier if isinstance(tier, str) else None,
            topic if isinstance(topic, str) else None,
            texts("passages"),
            texts("suggestions"),
            str(data.get("language") or DEFAULT_LANGUAGE),
        )


@dataclass(frozen=True)
class Conversation:
    """The earlier replies of one conversation, oldest first."""

    replies: Sequence[Said] = ()

    def followed_by(self, reply: Reply) -> Conversation:
        """The conversation with one more reply."""
        return Conversation((*self.replies, Said.of(reply)))

    @property
    def is_first(self) -> bool:
        """Whether nothing was said yet."""
        return not self.replies

    @property
    def last(self) -> Said | None:
        """The last reply."""
        return self.replies[-1] if self.replies else None

    @property
    def last_passage(self) -> str | None:
        """Id of the passage shown last; what was said since without showing one changes nothing."""
        return next((said.shown for said in reversed(self.replies) if said.shown), None)

    @property
    def subjects(self) -> list[str]:
        """Ids of the passages that were spoken of, oldest first: the one shown last in a reply, or offered first."""
        spoken = (said.passages[:1] if said.kind == "clarify" else (said.shown,) for said in self.replies)
        return [name for names in spoken for name in names if name]

    @property
    def asked_back(self) -> bool:
        """Whether the last reply was a question of the bot's own."""
        return bool(self.replies) and self.replies[-1].kind == "clarify"

    @property
    def has_subject(self) -> bool:
        """Whether a passage was shown or choices were just offered, so that a message may stand on them."""
        return self.last_passage is not None or self.asked_back

    @property
    def help(self) -> str | None:
        """The gate's label of its last reply, which stays with the conversation; None where it gave none."""
        return next((said.danger for said in reversed(self.replies) if said.is_help), None)

    @property
    def was_consoled(self) -> bool:
        """Whether the last reply came with a sentence of support for who suffers."""
        return self.last is not None and self.last.tier == "distress"

    @property
    def danger(self) -> str | None:
        """The gate's label where nothing but small talk and clinic facts followed its last reply, else None."""
        last = next((said for said in reversed(self.replies) if said.kind not in ("smalltalk", "contact")), None)
        return last.danger if last else None

    def times(self, label: str) -> int:
        """How often the gate's reply with this label was given before."""
        return sum(said.danger == label for said in self.replies)

    @cached_property
    def shown(self) -> frozenset[str]:
        """Ids of the passages shown so far."""
        return frozenset(name for said in self.replies for name in said.quoted)
