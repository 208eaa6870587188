import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.feedback import RecordFeedback
from bot.adapters.outcome_log import KEEP_DAYS, OutcomeLog
from bot.answering.outcomes import Counted, Outcome, gaps
from bot.answering.reply import say
from bot.web.feedback import FeedbackStore

NOON = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
COST = ("cost/prices#iv", "cost/insurance#iv")


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path, clock) -> OutcomeLog:
    return OutcomeLog(tmp_path / "var" / "outcomes.db", clock)


@pytest.mark.parametrize("kind", ["no_answer", "clarify"])
def test_a_turn_without_an_answer_is_an_outcome(kind):
    reply = say(kind, ["My name is Jane Roe."], confidence=0.237, passages=(*COST, "a/b#c", "a/b#d"))
    outcome = Outcome.of(reply)
    assert outcome == Outcome(kind, (*COST, "a/b#c"), 0.2)
    assert outcome.topic == "cost"
    assert "Jane" not in repr(outcome)


def test_what_the_search_found_by_chance_is_not_called_near():
    assert Outcome.of(say("no_answer", ["x"], confidence=0.09, passages=COST)) == Outcome("no_answer", (), 0.1)
    assert Outcome.of(say("no_answer", ["x"], confidence=0.1, passages=COST)) == Outcome("no_answer", COST, 0.1)
    assert Outcome.of(say("no_answer", ["x"], passages=COST)) == Outcome("no_answer")


@pytest.mark.parametrize("kind", ["answer", "declined", "crisis", "emergency", "contact", "smalltalk", "error"])
def test_any_other_turn_is_none(kind):
    assert Outcome.of(say(kind, ["x"])) is None


def test_the_topic_is_found_behind_a_language_and_may_be_missing():
    assert Outcome("no_answer", ("es/safety/x#y",)).topic == "safety"
    assert Outcome("no_answer").topic == ""


def test_equal_outcomes_of_an_hour_are_one_count(log, clock, tmp_path):
    for minutes in (0, 20, 40):
        clock.time = NOON + timedelta(minutes=minutes)
        log.add(Outcome("no_answer", COST, 0.2))
    log.add(Outcome("no_answer", COST, 0.3))
    assert log.since(1) == [
        Counted("2026-11-22T12", Outcome("no_answer", COST, 0.2), 2),
        Counted("2026-11-22T13", Outcome("no_answer", COST, 0.2), 1),
        Counted("2026-11-22T13", Outcome("no_answer", COST, 0.3), 1),
    ]
    with sqlite3.connect(tmp_path / "var/outcomes.db") as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(outcomes)")]
    assert columns == ["hour", "kind", "passages", "confidence", "count"]


def test_what_is_older_is_left_out_and_in_the_end_removed(log, clock, tmp_path):
    log.add(Outcome("no_answer"))
    clock.time = NOON + timedelta(days=8)
    assert log.since(7) == []
    assert len(log.since(9)) == 1
    clock.time = NOON + timedelta(days=KEEP_DAYS + 1)
    later = OutcomeLog(tmp_path / "var/outcomes.db", clock)
    later.add(Outcome("clarify"))
    assert [counted.outcome.kind for counted in later.since(9999)] == ["clarify"]


def test_nothing_counted_yet_is_no_error(log):
    assert log.since(30) == []


def test_a_file_that_cannot_be_written_costs_only_the_count(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    OutcomeLog(tmp_path / "file" / "outcomes.db").add(Outcome("no_answer", COST))
    assert "could not be counted" in caplog.text


def test_gaps_are_summed_by_kind_and_nearest_passage():
    found = gaps(
        [
            Counted("2026-11-22T12", Outcome("no_answer", COST, 0.2), 3),
            Counted("2026-11-23T09", Outcome("no_answer", COST, 0.4), 1),
            Counted("2026-11-22T12", Outcome("no_answer"), 2),
            Counted("2026-11-22T12", Outcome("clarify", COST[:1], 0.4), 1),
        ]
    )
    assert [(g.kind, g.passage, g.count) for g in found] == [
        ("no_answer", "cost/prices#iv", 4),
        ("no_answer", "", 2),
        ("clarify", "cost/prices#iv", 1),
    ]
    assert (found[0].topic, found[0].confidence, found[0].also_near) == ("cost", 0.25, ("cost/insurance#iv",))
    assert found[0].last == "2026-11-23T09"
    assert found[1].confidence is None


def bot_event(**said) -> dict:
    return {"event": "bot", "text": "", "metadata": {"said": said}}


@pytest.fixture
def store(tmp_path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.db")


def run_feedback(store: FeedbackStore, helpful: str | None, events: list[dict]) -> list[str]:
    entities = [{"entity": "helpful", "value": helpful}] if helpful else []
    message = {"text": "my name is Jane Roe", "intent": {"name": "give_feedback"}, "entities": entities}
    tracker = Tracker("someone", {}, message, events, False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert RecordFeedback(store).run(dispatcher, tracker, {}) == []
    assert dispatcher.messages == []
    return [f"{c.kind} {c.passage} {c.helpful} {c.count}" for c in store.counts()]


def test_the_feedback_action_counts_for_the_last_answer(store):
    events = [
        bot_event(kind="answer", passages=["safety/side-effects#common"]),
        bot_event(kind="answer", passages=list(COST)),
        {"event": "user", "text": "my name is Jane Roe"},
        bot_event(kind="smalltalk", passages=[]),
    ]
    assert run_feedback(store, "no", events) == ["answer cost/insurance#iv False 1", "answer cost/prices#iv False 1"]
    assert "answer cost/prices#iv True 1" in run_feedback(store, "yes", events)


@pytest.mark.parametrize(
    ("helpful", "events"),
    [(None, [bot_event(passages=list(COST))]), ("maybe", [bot_event(passages=list(COST))]), ("no", []), ("no", [{}])],
)
def test_the_feedback_action_counts_nothing_that_nobody_said(store, helpful, events):
    assert run_feedback(store, helpful, events) == []


def test_the_feedback_action_never_raises_and_never_logs_words(store, caplog):
    assert run_feedback(store, "no", [{"event": "bot", "metadata": None, "text": "Jane Roe"}]) == []
    assert "Feedback was not counted" in caplog.text
    assert "Jane" not in caplog.text


def test_the_action_server_finds_the_action(tmp_path, monkeypatch):
    from rasa_sdk.executor import ActionExecutor

    monkeypatch.setenv("FAQBOT_DATA", str(tmp_path))
    executor = ActionExecutor()
    executor.register_package("actions")
    assert set(executor.actions) == {"action_record_feedback"}
    assert not list(tmp_path.iterdir())
