import gzip
import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import EvaluationError, UsageError
from bot.evaluation.bounds import BOUNDS, out_of_bounds
from bot.evaluation.metrics import Share, bootstrap, calibration_error, macro_f1, share
from bot.evaluation.running import rest
from bot.evaluation.safety import judge, summary, unknown_labels
from bot.examples import (
    lines_of,
    read_advice,
    read_lines,
    read_lists,
    read_questions,
    training_questions,
    turns_in,
    unanswered_questions,
)

read_parts = partial(read_lists, key="parts")
counts = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Wilson (1927) score interval, as statsmodels.stats.proportion.proportion_confint(method="wilson") gives it.
    [(98, 100, 0.9300, 0.9945), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634)],
)
def test_the_interval_is_that_of_wilson(hits, of, low, high):
    found = Share(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(counts)
def test_the_interval_holds_the_share(pair):
    found = Share(*pair)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


@given(counts)
def test_more_cases_narrow_the_interval(pair):
    hits, of = pair
    assert (
        Share(hits * 4, of * 4).high - Share(hits * 4, of * 4).low < Share(hits, of).high - Share(hits, of).low + 1e-12
    )


def test_a_share_of_nothing_is_said_to_be_none():
    nothing = Share(0, 0)
    assert math.isnan(nothing.value)
    assert str(nothing) == "n/a"
    assert nothing.as_dict()["value"] is None


def test_a_share_counts_what_is_true():
    assert share([True, False, True]) == Share(2, 3)
    assert str(Share(380, 380)).startswith("100.0 %")


def test_macro_f1_weighs_every_label_the_same():
    assert macro_f1(["a", "a", "b"], ["a", "a", "b"]) == 1
    # a: precision 2/3, recall 1, F1 0.8; b: never found, F1 0.
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)


def test_calibration_is_perfect_where_confidence_is_the_share_right():
    confidences = [0.25] * 4 + [0.75] * 4
    right = [True, False, False, False, True, True, True, False]
    assert calibration_error(confidences, right, bins=2) == pytest.approx(0)


def test_calibration_error_is_the_mean_gap():
    assert calibration_error([0.9] * 10, [True] * 5 + [False] * 5, bins=1) == pytest.approx(0.4)
    assert calibration_error([1.0, 1.0, 0.0, 0.0], [False, False, True, True], bins=2) == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.integers(1, 15))
def test_calibration_error_is_between_zero_and_one(cases, bins):
    error = calibration_error([c for c, _ in cases], [r for _, r in cases], bins)
    assert 0 <= error <= 1


def test_the_bootstrap_is_reproducible_and_holds_the_mean():
    values = np.random.default_rng(1).random(200)
    low, high = bootstrap(values)
    assert (low, high) == bootstrap(values)
    assert low < values.mean() < high
    assert math.isnan(bootstrap([])[0])


def test_a_set_is_read(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": 1, "text": "hi", "kind": "answer", "passages": ["a#b"]}\n\n{"id": "2", "text": "no"}\n')
    first, second = read_questions(path)
    assert (first.id, first.kind, first.passages) == (1, "answer", ("a#b",))
    assert (second.kind, second.passages) == ("", ())
    assert training_questions(path) == {"a#b": ["hi"]}
    assert training_questions(tmp_path / "nowhere.jsonl") == {}
    assert unanswered_questions(path) == unanswered_questions(tmp_path / "nowhere.jsonl") == ()


def test_elsewhere_an_answer_without_passages_is_not_labelled(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": 1, "text": "hi", "kind": "answer"}\n')
    assert read_questions(path, is_ours=False)[0].kind == ""


def test_questions_without_an_answer_are_told_apart(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": 1, "text": "hi", "kind": "no_answer"}\n{"id": 2, "text": "a", "kind": "smalltalk"}\n')
    assert unanswered_questions(path) == ("hi",)


@pytest.mark.parametrize("line", ["{", "[]", '"text"', '{"id": 1}', '{"text": "x"}', '{"id": 1, "text": 2}'])
def test_a_line_that_cannot_be_used_is_named(tmp_path, line):
    path = tmp_path / "set.jsonl"
    path.write_text(f'{{"id": 1, "text": "hi"}}\n{line}\n')
    with pytest.raises(EvaluationError, match=r"set\.jsonl:2: "):
        read_lines(path)


def test_a_missing_set_is_named(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_lines(tmp_path / "nowhere.jsonl")


def test_labels_of_others_count_where_they_are_known_and_are_told_where_not():
    shown = {"kind": "crisis", "tier": "personal", "resources": [{"value": "988"}]}
    reply = {"text": "Call 988.", "custom": shown}
    labels = [True, False, "crisis", None, "unsure", "personal"]
    judged = judge(lambda *_: reply, [{"id": n, "text": "x", "label": label} for n, label in enumerate(labels)], len)
    assert [j.id for j in judged] == list(range(6))
    figures = summary(judged)
    assert (figures["sensitivity, all danger"].of, figures["specificity"].of, figures["PPV"].of) == (3, 1, 4)
    assert unknown_labels(judged) == ["unsure"]


TURN = '{"text": "hi", "kind": "smalltalk", "follow_up": "first"}'


@pytest.mark.parametrize(
    ("read", "line", "message"),
    [
        (read_questions, '{"id": 1, "text": "hi", "kind": "answer"}', 'is of kind "answer" and needs what answers it'),
        (read_advice, '{"id": 1, "text": "hi"}', 'needs "id", "text" and a "label"'),
        (read_advice, '{"id": 1, "label": "general"}', 'needs "id" and "text"'),
        (read_advice, '{"id": 1, "text": "hi", "label": "declined"}', 'needs a "kind", "E-1" to "E-25"'),
        (turns_in, f'{{"id": 1, "turns": [{TURN}, {{"text": "hi", "follow_up": "more"}}]}}', "number 2 of its turns"),
        (turns_in, '{"id": 1, "turns": ["hi"]}', "needs a text under each of text, kind, follow_up"),
        (read_parts, '{"id": 1, "parts": []}', 'needs the whole message under "text"'),
        (read_parts, '{"id": 1, "text": "hi", "parts": [{"text": "hi"}]}', "number 1 of its parts"),
    ],
)
def test_what_a_row_lacks_is_said_before_anything_is_asked(tmp_path, read, line, message):
    path = tmp_path / "set.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(EvaluationError, match=rf"set\.jsonl:2: .*{message}"):
        read(path)


def test_a_folder_and_an_empty_file_are_told_with_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="is a folder: name a file in it"):
        read_lines(tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    with pytest.raises(EvaluationError, match="is empty: name a file that holds something"):
        list(lines_of(empty))


def test_a_packed_file_that_is_damaged_is_told(tmp_path):
    path = tmp_path / "set.jsonl.gz"
    packed = bytearray(gzip.compress(b'{"id": 1, "text": "hi"}\n' * 99))
    packed[12:20] = b"\xff" * 8
    path.write_bytes(packed)
    with pytest.raises(EvaluationError, match="is not UTF-8 text"):
        read_lines(path)


def test_an_address_that_is_none_ends_in_one_sentence():
    with pytest.raises(EvaluationError, match="no bot answers there"):
        rest("http://a b:1")("hi", "c")


def test_a_figure_that_is_too_low_too_high_or_missing_is_named():
    held = {section: {name: sum(bounds) / 2 for name, bounds in figures.items()} for section, figures in BOUNDS.items()}
    assert out_of_bounds(held) == []
    held["Questions"] |= {"right passage first": 0.5, "answered wrongly": 0.25}
    held["Citations"]["links from sources.yml"] = None
    assert out_of_bounds(held) == [
        "Questions: right passage first is 0.500 and must be 0.945 to 1",
        "Questions: answered wrongly is 0.250 and must be 0 to 0.03",
        "Citations: links from sources.yml was not measured",
    ]
