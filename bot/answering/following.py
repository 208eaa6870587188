"""Which passage a message asks for that stands on what was said before, and how sure that is.

Such a message is looked for twice: as typed, and in its conversation, by an encoder that has learnt to read a message
behind the headings of what was spoken of ("Does it help PTSD? | and for anxiety"). What both find, and where a passage
stands to the last answer, is weighed by a small trained network. It sees the kind of message beside it: in "why?" the
last answer says everything, in "does insurance pay for Spravato?" little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.answering.conversation import Conversation
from bot.answering.reading import Cues, content_roots, cues_of
from bot.knowledge.model import Passage
from bot.retrieval.encoder import Encoder
from bot.retrieval.passages import Hit, PassageSearch, Result
from bot.retrieval.ranking import probability, read_weights, save_weights
from bot.text import words

# Of one passage: its score in the search as typed, and its nearness in the conversation, both counted from the best
# down to `_FAR`, and whether it leads there; whether it is on the page of the last answer, named there as next, offered
# as a choice, just shown, shown before, of the same topic; how many subjects (of the vocabulary) it shares with the
# last answer and with the message, and whether it is about others only; how alike its questions are to those of the
# last answer; how much of the message's words, and of the last heading's, it says; how many words of the message are in
# its heading.
SIGNS = (
    "typed",
    "in_context",
    "typed_first",
    "in_context_first",
    "same_page",
    "follows",
    "offered",
    "just_shown",
    "shown_before",
    "same_topic",
    "same_subject",
    "named",
    "other_subject",
    "alike",
    "says_message",
    "says_heading",
    "heading_shared",
)
# Of the message: always 1; without a word of its own; of at most three words; pointing ("it", "that"); going on ("and",
# "what about"); naming a condition, form or medicine; and how sure the search as typed is of it.
CUES = ("always", "empty", "short", "points", "leads", "names", "sure")
# Of the whole: what the confidence looks at.
SIGNALS = (
    "typed_confidence",
    "nearness",
    "nearness_margin",
    "share",
    "margin",
    "best_typed",
    "best_in_context",
    "empty",
    "says_message",
    "heading_shared",
    "typed_leads",
)
_NAMES = {"signs": SIGNS, "cues": CUES, "signals": SIGNALS}
_FAR, _FAR_AHEAD = -8.0, 5.0
# A message of so many words, of which the search as typed is so sure, stands alone, and a second encode would only cost
# time.
_ALONE_WORDS, _ALONE_AT = 6, 0.95
# Bring scores, cosines and shares among the signs to about one size.
_SCORE, _NEAR, _ALIKE, _SAYS = 0.25, 10.0, 5.0, 3.0
# How many of the nearest passages in the conversation are candidates, and how many earlier subjects are read.
_NEAREST, _SUBJECTS = 30, 2
# How many passages a search finds for an answer.
TOP = 30

# These weights are sensible without training, for tests and for a first start.
_UNTRAINED = {"typed": 2.0, "in_context": 0.5, "offered": 1.0}

# What the scores among the signs are multiplied with for the ranker.
_SCALE = np.array([_SCORE if name == "typed" else 1.0 for name in SIGNS])

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What speaks for each passage.

    Attributes:
        passages: the candidates.
        signs: `(passages, len(SIGNS))`.
        cues: `(len(CUES),)`.
        typed: what the search as typed found.
        nearness: `(passages,)`, cosines in the conversation.
    """

    passages: tuple[Passage, ...]
    signs: Matrix
    cues: Matrix
    typed: Result
    nearness: Matrix

    @property
    def inputs(self) -> Matrix:
        """`(passages, len(SIGNS) + len(CUES))`: what the ranker sees of each passage."""
        return np.hstack([self.signs * _SCALE, np.tile(self.cues, (len(self.passages), 1))])


def gather(text: str, typed: Result, encoder: Encoder, conversation: Conversation, search: PassageSearch) -> Evidence:
    """Lays the evidence side by side.

    Args:
        text: the message.
        typed: what the search as typed found.
        encoder: reads a message in its conversation.
        conversation: what was said; a passage was shown or choices were offered in it.
        search: the current search, for what it knows of passages. Passages of another language do not count.
    """
    known, last = search.by_id, conversation.last
    shown = known.get(conversation.last_passage or "")
    offered = [n for n in last.passages if n in known] if last and last.kind == "clarify" else []
    cosines = search.nearness(encoder.encode([in_context(text, conversation, search)])[0])
    cosine = dict(zip(known, cosines, strict=True))
    nearest = sorted(cosine, key=cosine.__getitem__, reverse=True)[:_NEAREST]
    near = [p.id for p in search.passages if shown and _page(p) == _page(shown)]
    scores = {hit.passage.id: hit.score for hit in typed.hits}
    ids = dict.fromkeys([*scores, *nearest, *offered, *(shown.related if shown else ()), *near])
    passages = tuple(known[name] for name in ids if name in known)
    nearness = np.array([cosine[p.id] for p in passages])
    cues = cues_of(text, search.knowledge.vocabulary)
    named, said = frozenset(cues.named), content_roots(text)
    behind = [_below_best(scores, passages), np.maximum(_NEAR * (nearness - nearness.max()), _FAR)]
    columns = [
        *behind,
        *(column == 0 for column in behind),
        *_standing(passages, shown, offered, conversation),
        [len(named.intersection(p.about)) for p in passages],
        [bool(named and p.about) and named.isdisjoint(p.about) for p in passages],
        _ALIKE * (search.alike(shown, passages) if shown else np.zeros(len(passages))),
        _SAYS * search.share_said(text, passages),
        _SAYS * (search.share_said(shown.heading, passages) if shown else np.zeros(len(passages))),
        [len(said & content_roots(p.heading)) for p in passages],
    ]
    signs = np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
    return Evidence(passages, signs, _cues(cues, typed.confidence), typed, nearness)


def in_context(text: str, conversation: Conversation, search: PassageSearch) -> str:
    """The message behind the headings of the last subjects, as the encoder for conversations reads it."""
    spoken = [search.by_id[name].heading for name in conversation.subjects if name in search.by_id]
    before = list(dict.fromkeys(reversed(spoken)))[:_SUBJECTS]
    return " | ".join([*reversed(before), search.normaliser(text)])


def stands_alone(text: str, typed: Result, search: PassageSearch) -> bool:
    """Whether a message that follows an answer is a whole question, which the search as typed is as good as sure of."""
    if words(text) < _ALONE_WORDS or typed.confidence < _ALONE_AT:
        return False
    cues = cues_of(text, search.knowledge.vocabulary)
    return not cues.is_empty and not cues.leads


def _standing(
    passages: Sequence[Passage], shown: Passage | None, offered: Sequence[str], conversation: Conversation
) -> Iterator[list[float]]:
    """The signs from `same_page` to `same_subject`: where each passage stands to what was said."""
    yield [shown is not None and _page(p) == _page(shown) for p in passages]
    yield [shown is not None and p.id in shown.related for p in passages]
    yield [p.id in offered for p in passages]
    yield [shown is not None and p.id == shown.id for p in passages]
    yield [p.id in conversation.shown for p in passages]
    yield [shown is not None and p.topic == shown.topic for p in passages]
    yield [len(set(shown.about) & set(p.about)) if shown else 0 for p in passages]


@dataclass(frozen=True)
class FollowUpRanker:
    """A network with one layer of rectified units beside a linear score, and a logistic confidence.

    `faqbot train --questions` fits both.

    Attributes:
        direct: weights of the inputs, `len(SIGNS) + len(CUES)`.
        hidden: weights of the inputs for each unit. hidden_bias: one number a unit. output: weights of the units.
        signal_weights: `len(SIGNALS)`.
    """

    direct: tuple[float, ...] = tuple(_UNTRAINED.get(name, 0.0) for name in (*SIGNS, *CUES))
    hidden: tuple[tuple[float, ...], ...] = ()
    hidden_bias: tuple[float, ...] = ()
    output: tuple[float, ...] = ()
    signal_weights: tuple[float, ...] = tuple(0.5 if name.endswith("_confidence") else 0.0 for name in SIGNALS)
    signal_bias: float = 0.0

    def scores(self, inputs: Matrix) -> Matrix:
        """`(passages,)` scores of `(passages, len(SIGNS) + len(CUES))` inputs; the highest is the best."""
        scores = inputs @ np.asarray(self.direct)
        if self.hidden:
            units = np.maximum(inputs @ np.asarray(self.hidden).T + np.asarray(self.hidden_bias), 0.0)
            scores = scores + units @ np.asarray(self.output)
        return np.asarray(scores, dtype=np.float64)

    def rank(self, evidence: Evidence, top: int) -> Result:
        """The passages, best first, and the probability that the first is the one that is asked for."""
        if not evidence.passages:
            return Result((), 0.0)
        scores = self.scores(evidence.inputs)
        order = np.argsort(-scores, kind="stable")[:top]
        hits = tuple(Hit(evidence.passages[i], float(scores[i]), {}) for i in order)
        return Result(hits, probability(signals_of(scores, evidence), self.signal_weights, self.signal_bias))

    def save(self, path: Path) -> None:
        """Writes the weights as JSON."""
        save_weights(path, _NAMES, asdict(self))

    @classmethod
    def load(cls, path: Path) -> FollowUpRanker:
        """Reads what `save` wrote; errors as `bot.retrieval.ranking.read_weights`."""
        data = read_weights(path, _NAMES)
        return cls(
            tuple(data["direct"]),
            tuple(map(tuple, data["hidden"])),
            tuple(data["hidden_bias"]),
            tuple(data["output"]),
            tuple(data["signal_weights"]),
            float(data["signal_bias"]),
        )


@dataclass(frozen=True)
class FollowUps:
    """Finds what a message asks for that stands on what was said.

    Attributes:
        ranker: weighs the evidence.
        encoder: reads a message in its conversation.
    """

    ranker: FollowUpRanker
    encoder: Encoder

    def find(self, text: str, typed: Result, conversation: Conversation, search: PassageSearch) -> Result:
        """The passages that may be asked for, best first; those of the search as typed where a message stands alone."""
        if stands_alone(text, typed, search):
            return typed
        return self.ranker.rank(gather(text, typed, self.encoder, conversation, search), TOP)


def signals_of(scores: Matrix, evidence: Evidence) -> Matrix:
    """The `SIGNALS` of scored evidence."""
    order = np.argsort(-scores, kind="stable")
    chances = np.exp(scores - scores.max())
    best = dict(zip(SIGNS, map(float, evidence.signs[order[0]]), strict=True))
    margin = float(scores[order[0]] - scores[order[1]]) if len(order) > 1 else _FAR_AHEAD
    nearest = np.sort(evidence.nearness)[::-1]
    return np.array(
        [
            _logit(evidence.typed.confidence),
            _NEAR * float(nearest[0]),
            _NEAR * float(nearest[0] - nearest[1]) if len(nearest) > 1 else _FAR_AHEAD,
            float(1 / chances.sum()),
            min(margin, _FAR_AHEAD),
            best["typed"],
            best["in_context"],
            float(evidence.cues[CUES.index("empty")]),
            best["says_message"],
            best["heading_shared"],
            evidence.typed.confidence * best["typed_first"],
        ]
    )


def _cues(cues: Cues, confidence: float) -> Matrix:
    flags = (True, cues.is_empty, cues.is_short, cues.points, cues.leads, bool(cues.named))
    return np.array([*map(float, flags), confidence])


def _below_best(scores: Mapping[str, float], passages: Sequence[Passage]) -> Matrix:
    """`(passages,)`: each score less the best; `_FAR` for what was not found."""
    best = max(scores.values(), default=0.0)
    return np.array([max(scores[p.id] - best, _FAR) if p.id in scores else _FAR for p in passages])


def _page(passage: Passage) -> str:
    return passage.id.partition("#")[0]


def _logit(share: float) -> float:
    share = min(max(share, 0.01), 0.99)
    return float(np.log(share / (1 - share)))
