"""Whatever breaks, someone in danger gets the numbers and everybody gets a reply."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot import runtime as runtime_module
from bot.answering.answerer import Turn, Utterance
from bot.answering.conversation import Conversation, Said
from bot.answering.following import FollowUpRanker, FollowUps
from bot.rasa.channels import turn
from bot.runtime import Runtime
from bot.safety.gate import Verdict
from bot.safety.patterns import compile_patterns
from bot.settings import Settings

DANGER = "I want to kill myself tonight"
QUESTION = "Is ketamine therapy safe?"


class Broken(Exception):
    """What a broken part raises."""


def fail(*_: Any, **__: Any) -> Any:
    raise Broken


async def silent(_: Any) -> None:
    """Rasa, dead: it takes a message and nothing comes back."""


async def raising(_: Any) -> None:
    raise Broken


async def slow(_: Any) -> None:
    await asyncio.sleep(60)


def ask(text: str, deliver: Any = silent) -> dict[str, Any]:
    async def once() -> dict[str, Any]:
        return await turn.take_turn(deliver, f"test:{text}:{id(deliver)}", text, "test")

    return asyncio.run(once())


def assert_help(reply: dict[str, Any]) -> None:
    assert reply["custom"]["kind"] == "crisis"
    assert "988" in reply["text"]
    assert any(r["href"] == "tel:988" for r in reply["custom"]["resources"])


def assert_apology(reply: dict[str, Any]) -> None:
    assert reply["custom"]["kind"] == "error"
    assert "988" in reply["text"]
    assert reply["custom"]["resources"]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runtime:
    """A runtime of the test's own, so that what is broken in it stays there."""
    made = Runtime(Settings(deadline=0.2))
    monkeypatch.setattr(runtime_module, "_runtime", made)
    return made


@pytest.mark.parametrize("deliver", [silent, raising, slow], ids=["no reply", "an exception", "too slow"])
def test_rasa_down(parts: Runtime, deliver: Any) -> None:
    assert_help(ask(DANGER, deliver))
    assert_apology(ask(QUESTION, deliver))


def test_encoder_broken(parts: Runtime) -> None:
    for name in ("encoder", "question_encoder", "judges_encoder"):
        parts.__dict__[name] = _Raises()
    assert_help(ask(DANGER))
    assert_apology(ask(QUESTION))


def test_detector_file_missing(parts: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime_module, "DETECTORS", tmp_path)
    assert not parts.gate.has_detector
    assert_help(ask(DANGER))


def test_what_was_learnt_of_questions_missing(parts: Runtime, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime_module, "QUESTION_ENCODER", tmp_path / "question_encoder.npz")
    said = Conversation([Said("answer", None, "effectiveness", ("effectiveness/ptsd#does-it-help",), ())])
    reply = parts.answerer.reply(Turn(Utterance("and for pain?", "ask_effectiveness"), conversation=said))
    assert parts.answerer.follow_ups == FollowUps(FollowUpRanker(), parts.encoder)
    assert reply.kind in ("answer", "clarify")
    assert_help(ask(DANGER))


def test_detector_of_another_encoder(parts: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of another encoder say nothing to a classifier, so it is not asked."""
    monkeypatch.setattr(runtime_module, "notes_of", lambda folder: {"encoder": "another"})
    parts.__dict__.pop("gate", None)
    assert not parts.gate.has_detector
    assert_help(ask(DANGER))


def test_detector_raises(parts: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = parts.gate
    monkeypatch.setattr(gate._detector, "judge", fail)
    assert_help(ask(DANGER))


def test_patterns_empty(parts: Runtime) -> None:
    """The detector alone decides."""
    gate = parts.gate
    gate._patterns = compile_patterns({})
    assert_help(ask(DANGER))


def test_gate_broken(parts: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(parts.gate), "assess", fail)
    assert_apology(ask(DANGER))


def test_index_missing_and_unbuildable(parts: Runtime) -> None:
    parts.__dict__["store"] = _Raises()
    parts.__dict__["gate"] = runtime_module.Gate(runtime_module.load_patterns(), None)
    assert_help(ask(DANGER))
    assert_apology(ask(QUESTION))


def test_knowledge_folder_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = Runtime(Settings(knowledge=tmp_path / "gone", build=tmp_path / "build", deadline=0.2))
    made.__dict__["gate"] = runtime_module.Gate(runtime_module.load_patterns(), None)
    monkeypatch.setattr(runtime_module, "_runtime", made)
    assert_help(ask(DANGER))
    assert_apology(ask(QUESTION))


def test_exception_in_answerer(parts: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside Rasa the reply generator apologises, so that Rasa's own turn ends well."""
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.rasa.generator import ReplyGenerator

    monkeypatch.setattr(type(parts.answerer), "reply", fail)
    tracker = DialogueStateTracker.from_events("x", [])
    message = asyncio.run(ReplyGenerator(None, Domain.empty()).generate("utter_answer", tracker, "test"))
    assert message is not None
    assert "988" in message["text"]


def test_a_repeat_is_shorter_and_still_has_the_numbers(parts: Runtime) -> None:
    async def twice() -> tuple[dict[str, Any], dict[str, Any]]:
        first = await turn.take_turn(silent, "test:again", DANGER, "test")
        return first, await turn.take_turn(silent, "test:again", DANGER, "test")

    first, second = asyncio.run(twice())
    assert_help(second)
    assert len(second["text"]) < len(first["text"])


class _Raises:
    """Fails at every use."""

    name = "broken"

    def __getattr__(self, name: str) -> Any:
        raise Broken


def test_who_suffers_at_too_great_length_is_shown_the_crisis_line_too(
    parts: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(parts.gate), "assess", lambda *_: Verdict("distress", 0.1, "en"))
    reply = ask("It has been a hard year. " * 200)
    assert (reply["custom"]["kind"], reply["custom"]["tier"]) == ("smalltalk", "distress")
    assert "988" in reply["text"]
    assert reply["custom"]["resources"]
