"""The gate's logic, with patterns and detectors that say what a test wants."""

import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.safety.gate import DISTRESS, HEAVY, STOPS, Gate, Judgement
from bot.safety.patterns import PatternBook, compile_patterns, load_patterns

LABELS = [*STOPS, DISTRESS, HEAVY]


def book(*labels: str) -> PatternBook:
    """Patterns of which each finds its own label's name in a message."""
    return compile_patterns({"patterns": {label: {"any": [label.replace("_", "")]} for label in labels}})


def message(*labels: str) -> str:
    return "hello " + " ".join(label.replace("_", "") for label in labels)


@dataclass
class Says:
    """A detector with one answer, which remembers what it was asked."""

    label: str | None
    danger: float = 0.9
    asked: list[str] = field(default_factory=list)

    def judge(self, text: str) -> Judgement:
        self.asked.append(text)
        return Judgement(self.label, self.danger)


class Broken:
    def judge(self, text: str) -> Judgement:
        raise RuntimeError(f"no vector for {text}")


@pytest.mark.parametrize("label", STOPS)
def test_either_detector_alone_stops(label):
    assert Gate(book(label), None).assess(message(label)).label == label
    assert Gate(book(), Says(label)).assess("hello").label == label
    assert Gate(book(label), Says(None)).assess(message(label)).stops
    assert Gate(book(), Says(label)).assess("hello").stops


@given(st.lists(st.sampled_from(LABELS), unique=True), st.sampled_from([None, *LABELS]))
def test_the_gravest_of_all_that_is_found_decides(written, judged):
    label = Gate(book(*LABELS), Says(judged)).assess(message(*written)).label
    found = [*written, *([judged] if judged else [])]
    gravest = next((one for one in LABELS if one in found), None)
    is_reported = (
        gravest in ("imminent", "personal") and judged in ("third_party", "harm_to_others") and judged in written
    )
    assert label == (judged if is_reported else gravest)


def test_words_of_a_wish_to_die_that_are_a_report_of_one_are_told_to_who_reports():
    patterns = book("personal", "third_party", "emergency")
    assert Gate(patterns, Says("third_party")).assess(message("personal", "third_party")).label == "third_party"
    assert Gate(patterns, Says("personal")).assess(message("personal", "third_party")).label == "personal"
    assert Gate(patterns, None).assess(message("personal", "third_party")).label == "personal"
    assert Gate(patterns, Says("third_party")).assess(message("emergency", "third_party")).label == "emergency"


@pytest.mark.parametrize("text", ["sorry my english is bad, quiero morirme", "in spanish? mi hermano quiere morir"])
def test_who_turns_to_spanish_in_danger_gets_help_in_spanish(text):
    verdict = Gate(load_patterns(), None).assess(text)
    assert (verdict.stops, verdict.language) == (True, "es")


@pytest.mark.parametrize(
    "text",
    [
        "the secretary isnt responding",
        "Your office doesn't respond",
        "the bot wont respond",
        "la secretaria no contesta",
    ],
)
def test_an_office_that_does_not_respond_is_no_emergency(text):
    assert Gate(load_patterns(), None).assess(text).label is None


@pytest.mark.parametrize("label", LABELS)
def test_a_broken_detector_leaves_the_patterns_deciding(label):
    verdict = Gate(book(*LABELS), Broken()).assess(message(label))
    assert verdict.label == label
    assert Gate(book(*LABELS), Broken()).assess("hello").label is None


def test_a_plain_message_passes():
    verdict = Gate(book(*LABELS), Says(None, danger=0.01)).assess("what does it cost?")
    assert verdict.label is None
    assert not verdict.stops
    assert verdict.score == 0.01


def test_neither_distress_nor_a_heavy_subject_stops():
    assert not Gate(book(DISTRESS), None).assess(message(DISTRESS)).stops
    assert not Gate(book(HEAVY), None).assess(message(HEAVY)).stops


def test_the_score_of_a_pattern_is_one():
    assert Gate(book("personal"), Says(None, danger=0.2)).assess(message("personal")).score == 1.0


def test_the_reason_never_repeats_the_message():
    verdict = Gate(book("personal"), None).assess("my name is Roe " + message("personal"))
    assert "Roe" not in verdict.reason


def test_the_language_of_help_is_that_of_the_message():
    gate = Gate(book("personal"), None)
    assert gate.assess("ya no puedo personal con mi vida").language == "es"
    assert gate.assess(message("personal")).language == "en"


def test_a_message_is_judged_once_a_turn():
    detector = Says(None)
    gate = Gate(book(), detector)
    gate.assess("hello")
    gate.assess("hello")
    assert detector.asked == ["hello"]


def test_what_the_patterns_said_alone_is_forgotten_once_the_detector_works_again(monkeypatch):
    detector = Says("personal")
    gate = Gate(book(), detector)
    with monkeypatch.context() as broken:
        broken.setattr(detector, "judge", Broken().judge)
        assert not gate.assess("hello").stops
    assert gate.assess("hello").stops


def test_it_says_whether_it_has_its_detector():
    assert Gate(book(), Says(None)).has_detector
    assert not Gate(book(), None).has_detector


def test_a_detector_that_fails_is_seen_and_logged_once_without_the_words(caplog):
    gate = Gate(book("personal"), Broken())
    gate.assess("my name is Roe")
    gate.assess("my name is Roe again")
    assert not gate.has_detector
    assert len(caplog.records) == 1
    assert "Roe" not in caplog.text


SHIPPED = load_patterns()


@pytest.mark.parametrize(
    "before",
    [
        "does insurance cover it",
        "do you treat suicidal patients",
        "my therapist asked me about it",
        "can it make you feel like dying",
        "can ketamine help someone with suicidal thoughts",
    ],
)
def test_a_harmless_line_hides_no_danger_in_the_next(before):
    gate = Gate(SHIPPED, None)
    assert gate.assess(f"{before}\nI want to die").label == "personal"
    assert gate.assess("I want to\ndie").label == "personal"


def test_a_message_of_signs_alone_costs_no_more_than_others():
    # A cost that grows with the square of the length would keep this for minutes.
    assert not Gate(SHIPPED, None).assess("!" * 100_000 + "x").stops


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300) | st.text("ikl mysef .!*_-|~^$@", max_size=300))
def test_no_message_breaks_the_shipped_patterns(text):
    assert Gate(SHIPPED, None).assess(text).label in (None, *LABELS)


@pytest.mark.parametrize("unit", ["a*b-c.d_", "a-", "k i l l ", "aaaa", "ab*", "i want to go and die of it "])
def test_the_cost_of_a_message_grows_no_faster_than_its_length(unit):
    message = (unit * 50_000)[:50_000]
    started = time.process_time()
    SHIPPED.folder.fold(message)
    assert time.process_time() - started < 5
