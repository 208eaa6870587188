"""Trains the detectors from the evaluation sets' train parts and sets their thresholds on the tune parts.

What comes out is kept in `bot/safety/detectors/` and is part of a release: a clinic's server trains nothing that
decides on danger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from bot.adapters.detectors import (
    GENERAL,
    AdviceThresholds,
    AftermathThresholds,
    DangerThresholds,
    parts_of,
    save_thresholds,
)
from bot.adapters.text_classifier import TextClassifier
from bot.adapters.vector_classifier import VectorClassifier
from bot.examples import CHATTER, FOLDER, ORDINARY, STORY, TRAPS, harmless_turns, read_lines
from bot.knowledge.parse import read_knowledge
from bot.retrieval.encoder import Encoder
from bot.safety.gate import DISTRESS, STANDS, STOPS
from bot.text import plain

TALK = Path("data/nlu/talk.yml")
# Shares of harmless messages of the tune parts that may get the fixed reply: of those that carry trigger words, and of
# visitors' ordinary questions and everyday talk.
FALSE_STOPS_TRAPS, FALSE_STOPS_ORDINARY = 0.05, 0.0225
# The same for the quiet line of support, and for the sentence that says how sorry the bot is: said to somebody who asks
# what to wear, it insults.
FALSE_SUPPORT_TRAPS, FALSE_SUPPORT_ORDINARY = 0.2, 0.08
FALSE_CONSOLATION = 0.04
# Of long harmless stories, the share that may get the fixed reply for one of their pieces alone: the least at which
# danger that is told inside a long story is found for 19 of 20.
FALSE_STOPS_PIECES = 0.14
# Of general questions of the tune parts, those near requests for advice and ordinary ones, the shares that may look
# like a wish for advice (most of which the search then explains), and like a sure one.
FALSE_WISHES, FALSE_SURE_WISHES = 0.12, 0.055

# Of messages of the tune part that stand on a danger just told, the share that may be let go on.
FALSE_RELEASES = 0.05

Labelled = tuple[list[str], list[str]]


def train_detectors(folder: Path, encoder: Encoder, say: Callable[[str], None]) -> None:
    """Trains all detectors and stores each in a folder of its own within `folder`."""
    say("detectors: danger …")
    texts, labels = danger_examples()
    danger = _fit(texts, labels, encoder)
    ordinary = [str(r["text"]) for r in read_lines(FOLDER / "questions" / "tune.jsonl")]
    plain_rows = [r for r in read_lines(FOLDER / "safety" / "tune.jsonl") if r["label"] == "none"]
    thresholds = danger_thresholds(
        danger,
        traps=[str(r["text"]) for r in plain_rows if r["type"] in TRAPS],
        ordinary=ordinary + [str(r["text"]) for r in plain_rows if r["type"] in (*ORDINARY, CHATTER)],
        stories=[str(r["text"]) for r in plain_rows if r["type"] == STORY],
    )
    danger.classifier.save(folder / "danger", examples=len(texts), encoder=encoder.name)
    save_thresholds(folder / "danger", thresholds)
    say(f"detectors:   {len(texts)} examples, {thresholds}")
    say("detectors: requests for advice …")
    texts, labels = advice_examples()
    advice = _fit(texts, labels, encoder)
    near = [str(r["text"]) for r in read_lines(FOLDER / "advice" / "tune.jsonl") if r["label"] != "declined"]
    found = advice_thresholds(advice, near + ordinary)
    advice.classifier.save(folder / "advice", examples=len(texts), encoder=encoder.name)
    save_thresholds(folder / "advice", found)
    say(f"detectors:   {len(texts)} examples, {found}")
    train_aftermath(folder, encoder, say)


def train_aftermath(folder: Path, encoder: Encoder, say: Callable[[str], None]) -> None:
    """Trains the judge of what comes right after a danger and stores it in a folder of its own within `folder`."""
    say("detectors: what comes right after a danger …")
    rows = read_lines(FOLDER / "aftermath" / "train.jsonl")
    aftermath = _fit([str(r["text"]) for r in rows], [str(r["label"]) for r in rows], encoder, taught=False)
    stands = [str(r["text"]) for r in read_lines(FOLDER / "aftermath" / "tune.jsonl") if r["label"] == STANDS]
    scores = aftermath.probabilities(stands)[:, aftermath.labels.index(STANDS)]
    found = AftermathThresholds(round(float(np.sort(scores)[int(FALSE_RELEASES * len(scores))]), 4))
    aftermath.classifier.save(folder / "aftermath", examples=len(rows), encoder=encoder.name)
    save_thresholds(folder / "aftermath", found)
    say(f"detectors:   {len(rows)} examples, {found}")


def danger_examples() -> Labelled:
    """The train part of the safety set; everyday questions, wishes for advice and small talk are no danger."""
    rows = [(str(r["text"]), str(r["label"])) for r in read_lines(FOLDER / "safety" / "train.jsonl")]
    harmless = [*_harmless(), *(str(r["text"]) for r in read_lines(FOLDER / "advice" / "train.jsonl"))]
    rows += [(text, "none") for text in harmless]
    texts, labels = zip(*rows, *harmless_pieces(rows), strict=True)
    return list(texts), list(labels)


def harmless_pieces(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pieces of long harmless messages, each with its message's label.

    Without these examples, a piece that only tells ("My brother is on the ward.") looks like the messages of people in
    danger, who tell more than they ask.

    Args:
        rows: texts with their labels; those of danger are passed over, since not each of their pieces is dangerous.
    """
    pieces = [(piece, label) for text, label in rows if label not in STOPS for piece in parts_of(text)]
    return list(dict.fromkeys(pieces))


def is_told(row: Mapping[str, Any]) -> bool:
    """Whether a row of the safety set tells something harmless and asks nothing.

    Wishes for advice are often told ("guess I'll skip my pills sunday"): without these rows beside them a judge takes
    half of everyday talk for such a wish.
    """
    return row["label"] not in STOPS and "?" not in row["text"]


def advice_examples() -> Labelled:
    """The train part of the advice set; beside it plain questions, small talk and what is only told, as general."""
    rows = read_lines(FOLDER / "advice" / "train.jsonl")
    told = [str(r["text"]) for r in read_lines(FOLDER / "safety" / "train.jsonl") if is_told(r)]
    general = [*_harmless(), *told]
    labels = [str(r["kind"]) if r["label"] == "declined" else GENERAL for r in rows]
    return [r["text"] for r in rows] + general, labels + [GENERAL] * len(general)


def danger_thresholds(
    classifier: VectorClassifier, traps: Sequence[str], ordinary: Sequence[str], stories: Sequence[str]
) -> DangerThresholds:
    """The lowest thresholds that keep false alarms within the shares above.

    Args:
        classifier: the trained one.
        traps: harmless messages of the tune part that carry trigger words.
        ordinary: what visitors ask and say day by day.
        stories: long harmless messages. They set the threshold of a piece only: as a whole too many of them look like
            danger at any threshold, and to hold them to a share would cost cries for help everywhere else.
    """
    of_traps, of_ordinary, of_stories = (_scores(classifier, texts) for texts in (traps, ordinary, stories))
    stop = max(_threshold(of_traps[:, 0], FALSE_STOPS_TRAPS), _threshold(of_ordinary[:, 0], FALSE_STOPS_ORDINARY))
    piece = _threshold(np.where(of_stories[:, 0] >= stop, 0.0, _worst_pieces(classifier, stories)), FALSE_STOPS_PIECES)
    support = max(
        _threshold(of_traps[:, 1], FALSE_SUPPORT_TRAPS), _threshold(of_ordinary[:, 1], FALSE_SUPPORT_ORDINARY)
    )
    console = max(support, _threshold(np.concatenate([of_traps, of_ordinary])[:, 1], FALSE_CONSOLATION))
    return DangerThresholds(stop, piece, min(stop, support), console)


def _scores(classifier: VectorClassifier, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """`(texts, 2)`: danger of each whole text, and danger or distress."""
    whole = classifier.probabilities(texts)
    danger = _danger(classifier, whole)
    unwell = danger + whole[:, classifier.labels.index(DISTRESS)]
    return np.asarray(np.stack([danger, unwell], axis=1), dtype=np.float32)


def _worst_pieces(classifier: VectorClassifier, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """`(texts,)`: danger of the worst piece of each text, 0 where it is too short to have pieces."""
    pieces = [parts_of(text) for text in texts]
    return np.array(
        [_danger(classifier, classifier.probabilities(p)).max() if p else 0.0 for p in pieces], dtype=np.float32
    )


def _danger(classifier: VectorClassifier, probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`(rows,)`: the probability of all dangers together."""
    danger: npt.NDArray[np.float32] = probabilities[:, [classifier.labels.index(label) for label in STOPS]].sum(axis=1)
    return danger


def advice_thresholds(classifier: VectorClassifier, general: Sequence[str]) -> AdviceThresholds:
    """The lowest thresholds that take at most the shares above of general questions for wishes."""
    wishes = 1 - classifier.probabilities(general)[:, classifier.labels.index(GENERAL)]
    return AdviceThresholds(_threshold(wishes, FALSE_WISHES), _threshold(wishes, FALSE_SURE_WISHES))


def _threshold(scores: npt.NDArray[np.float32], share: float) -> float:
    """The lowest value that at most this share of the scores reaches."""
    ordered = np.sort(scores)[::-1]
    allowed = int(share * len(ordered))
    return round(float(ordered[allowed]) + 1e-4, 4)


def _fit(texts: Sequence[str], labels: Sequence[str], encoder: Encoder, taught: bool = True) -> VectorClassifier:
    """A classifier of these texts; `taught` where the encoder was taught on them too."""
    fit = TextClassifier.fit_taught if taught else TextClassifier.fit
    rewritten = [plain(text) for text in texts]
    return VectorClassifier(fit(rewritten, encoder.encode(rewritten), labels), encoder, plain)


def _harmless() -> list[str]:
    """What visitors ask and say day by day: the knowledge's phrasings, the train parts, small talk."""
    phrasings = [q for p in read_knowledge(Path("knowledge"))[0].passages for q in (p.heading, *p.questions)]
    asked = [r["text"] for r in read_lines(FOLDER / "questions" / "train.jsonl")]
    return [*phrasings, *asked, *harmless_turns(), *talk_examples()]


def talk_examples() -> list[str]:
    """The examples of Rasa's own training data."""
    entries = yaml.safe_load(TALK.read_text(encoding="utf-8"))["nlu"]
    return [
        line.removeprefix("- ").strip() for entry in entries for line in entry["examples"].splitlines() if line.strip()
    ]
