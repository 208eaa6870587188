from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from bot.adapters.words import english_words
from bot.cli.bench import bench_table
from bot.cli.eval_public import intents, intents_table, retrieval, retrieval_table
from bot.errors import EvaluationError, FaqBotError, UsageError
from bot.evaluation import bench as timing
from bot.evaluation.baselines import Ranking, bm25, operating_point, response_selector, score, tuning_questions, vectors
from bot.evaluation.intent_sets import Labelled, ScopedClassifier, diet, engine, read_intents, run_intents
from bot.evaluation.retrieval_sets import ChunkedEncoder, figures, measures, read_set, run_set
from bot.examples import Asked
from bot.retrieval.encoder import HashEncoder
from bot.retrieval.hybrid import Document
from bot.safety.gate import Gate
from bot.safety.patterns import load_patterns
from bot.settings import Settings

CORPUS = [
    {"_id": "a", "title": "Opening hours", "text": "The clinic opens at nine."},
    {"_id": "b", "title": "", "text": "Side effects of ketamine include nausea."},
    {"_id": "c", "text": "Insurance pays for few infusions."},
]
QUERIES = [
    {"_id": "1", "text": "when does the clinic open"},
    {"_id": "2", "text": "side effects nausea"},
    {"_id": "3", "text": "unjudged"},
]
QRELS = "query-id\tcorpus-id\tscore\n1\ta\t1\n2\tb\t2\n2\tc\t0\n"


def lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / name for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv")]
    for path, text in zip(paths, (lines(CORPUS), lines(QUERIES), QRELS), strict=True):
        path.write_text(text)
    return paths


def quiet(done: int, of: int) -> None:
    assert 0 < done <= of


# What each measure is.


def test_measures_are_those_of_trec_eval_worked_out_by_hand():
    found = measures(["x", "b", "y", "a"], {"a": 2, "b": 1, "missing": 1})
    gained = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["nDCG@10"] == pytest.approx(gained / ideal)
    assert found["MRR@10"] == 1 / 2
    assert found["MAP"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert found["P@5"] == pytest.approx(2 / 5)
    assert (found["recall@1"], found["recall@5"], found["recall@100"]) == (
        0,
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )


def test_a_hit_after_the_tenth_rank_counts_for_map_and_recall_only():
    found = measures([f"x{n}" for n in range(10)] + ["a"], {"a": 1})
    assert (found["nDCG@10"], found["MRR@10"], found["recall@10"]) == (0, 0, 0)
    assert found["MAP"] == pytest.approx(1 / 11)
    assert found["recall@100"] == 1


def test_finding_nothing_scores_nothing():
    assert set(measures([], {"a": 1}).values()) == {0.0}


# Retrieval sets.


def test_the_engine_finds_the_right_documents_and_every_figure_is_printed(files):
    report = run_set(read_set(*files), HashEncoder(), baselines=True, progress=quiet)
    assert (report["documents"], report["queries"]) == (3, 2)
    assert report["nDCG@10"] == report["recall@1"] == 1.0
    assert report["ms_per_query"] > 0
    assert set(report["baselines"]) == {"bm25", "vectors"}
    table = retrieval_table(report)
    for name in ("nDCG@10", "MRR@10", "MAP", "P@5", "recall@1", "recall@5", "recall@10", "recall@100", "ms_per_query"):
        assert name in table


def test_a_header_is_optional_and_files_may_be_packed(files, tmp_path):
    corpus, queries, qrels = files
    qrels.write_text(QRELS.partition("\n")[2])
    packed = tmp_path / "corpus.jsonl.gz"
    packed.write_bytes(gzip.compress(corpus.read_bytes()))
    data = read_set(packed, queries, qrels)
    assert data.judgements == {"1": {"a": 1}, "2": {"b": 2, "c": 0}}
    assert data.documents[0].text == "Opening hours The clinic opens at nine."


@pytest.mark.parametrize(
    ("number", "text", "message"),
    [
        (0, lines(CORPUS) + "{oops\n", "corpus.jsonl:4: is not JSON"),
        (0, "", "corpus.jsonl:1: is empty"),
        (0, "[1]\n", "corpus.jsonl:1: needs a text under each of _id, text"),
        (0, lines([*CORPUS, CORPUS[0]]), "corpus.jsonl:4: the _id 'a' was used before"),
        (1, '{"_id": "1"}\n', "queries.jsonl:1: needs a text under each of _id, text"),
        (2, QRELS + "1\ta\n", "qrels.tsv:5: needs a query id"),
        (2, "1 a 1\n", "qrels.tsv:1: needs a query id"),
        (2, "query-id\tcorpus-id\tscore\n", "qrels.tsv:1: names no relevant document"),
        (2, "9\ta\t1\n", "qrels.tsv:1: names no relevant document"),
        (2, "1\ta\t0\n", "qrels.tsv:1: names no relevant document"),
        (0, lines([{"_id": "a", "text": "the and of"}]), "corpus.jsonl:1: no document has a word"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(files, number, text, message):
    files[number].write_text(text)
    with pytest.raises(EvaluationError) as caught:
        read_set(*files)
    assert message in str(caught.value)
    assert caught.value.exit_code == 1


def test_text_in_another_encoding_is_refused_in_one_sentence(files):
    files[0].write_bytes('{"_id": "a", "text": "caf\xe9"}'.encode("latin-1"))
    with pytest.raises(EvaluationError, match="not UTF-8"):
        read_set(*files)


def test_a_missing_file_is_wrong_usage(files):
    files[1].unlink()
    with pytest.raises(UsageError, match="no such file") as caught:
        read_set(*files)
    assert caught.value.exit_code == 2


def test_commands_end_in_the_error_and_not_in_a_traceback(tmp_path):
    missing = str(tmp_path / "none.jsonl")
    for command, options in ((retrieval, ("--corpus", "--queries", "--qrels")), (intents, ("--train", "--test"))):
        result = CliRunner().invoke(command, [word for option in options for word in (option, missing)])
        assert isinstance(result.exception, UsageError)


def test_a_file_cannot_keep_vectors(files):
    words = [word for pair in zip(("--corpus", "--queries", "--qrels"), files, strict=True) for word in map(str, pair)]
    result = CliRunner().invoke(retrieval, [*words, "--cache", str(files[0])])
    assert result.exit_code == 2
    assert "is a file" in result.output


def test_vectors_are_kept_and_found_again(tmp_path):
    texts = [f"text {n}" for n in range(5)]
    first = ChunkedEncoder(HashEncoder(), quiet, tmp_path)
    second = ChunkedEncoder(HashEncoder(), quiet, tmp_path)
    np.testing.assert_array_equal(first.encode(texts), second.encode(texts))
    assert (first.found, second.found) == (0, 5)
    other = ChunkedEncoder(HashEncoder(32), quiet, tmp_path)
    assert other.encode(texts).shape == (5, 32)


def test_an_interval_encloses_its_mean():
    judged = {str(n): {"a": 1} for n in range(20)}
    found = {
        name: type("R", (), {"ids": ("a",) if int(name) % 2 else ("x", "a"), "milliseconds": 1.0})() for name in judged
    }
    report = figures(found, judged)
    low, high = report["nDCG@10_interval"]
    assert low < report["nDCG@10"] < high


# Intent sets.

WORDS = {
    "hours": "open close hour today late",
    "price": "cost price pay dollar cheap",
    "oos": "weather poem football banana moon",
}


def questions(intent: str, count: int, seed: int) -> list[dict[str, str]]:
    random = np.random.default_rng(seed)
    return [{"text": " ".join(random.choice(WORDS[intent].split(), 4)), "intent": intent} for _ in range(count)]


def rows_of_parts() -> list[dict[str, str]]:
    rows = []
    for seed, (part, count) in enumerate({"train": 20, "val": 20, "test": 15}.items()):
        rows += [{**row, "split": part} for intent in ("hours", "price") for row in questions(intent, count, seed)]
        rows += [{**row, "split": f"oos_{part}"} for row in questions("oos", count, seed + 9)]
    return rows


def test_parts_are_told_apart_by_their_rows(tmp_path):
    path = tmp_path / "clinc.jsonl"
    path.write_text(lines(rows_of_parts()))
    data = read_intents(path, path, "oos")
    assert [len(part.texts) for part in (data.train, data.validation, data.test)] == [60, 60, 45]


def test_the_file_that_clinc150_publishes_reads_the_same(tmp_path):
    rows = rows_of_parts()
    published = tmp_path / "data_full.json"
    published.write_text(
        json.dumps(
            {
                part: [[r["text"], r["intent"]] for r in rows if r["split"] == part]
                for part in {r["split"] for r in rows}
            }
        )
    )
    copy = tmp_path / "copy.jsonl"
    copy.write_text(lines(rows))
    one, other = read_intents(published, published, "oos"), read_intents(copy, copy, "oos")
    assert sorted(one.test.texts) == sorted(other.test.texts)
    assert sorted(one.train.texts) == sorted(other.train.texts)


def test_questions_in_scope_are_named_and_others_refused(tmp_path):
    path = tmp_path / "clinc.jsonl"
    path.write_text(lines(rows_of_parts()))
    report = run_intents(read_intents(path, path, "oos"), engine(HashEncoder(), "oos"), "oos")
    assert report["intents"] == 2
    assert report["in_scope_accuracy"]["value"] >= 0.9
    assert report["out_of_scope_recall"]["value"] >= 0.9
    assert report["out_of_scope_recall"]["of"] == 15
    assert report["validation"]["in_scope_accuracy"]["value"] <= 0.98
    assert "out-of-scope recall" in intents_table(report)


def test_out_of_scope_questions_are_refused_though_none_was_trained_on(tmp_path):
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text(lines([*questions("hours", 30, 1), *questions("price", 30, 2)]))
    test.write_text(lines([*questions("hours", 10, 3), *questions("oos", 10, 4)]))
    report = run_intents(read_intents(train, test, "oos"), engine(HashEncoder(), "oos"), "oos")
    assert report["validation"]["in_scope_accuracy"]["of"] == 12
    assert report["out_of_scope_recall"]["value"] >= 0.9


def test_a_handful_of_examples_is_enough_to_run(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(lines([*questions("hours", 3, 1), *questions("price", 3, 2), *questions("oos", 3, 3)]))
    report = run_intents(read_intents(path, path, "oos"), engine(HashEncoder(), "oos"), "oos")
    assert report["in_scope_accuracy"]["of"] == 6
    assert report["threshold"] is not None


def test_a_set_without_an_outside_refuses_nothing(tmp_path):
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text(lines([*questions("hours", 10, 1), *questions("price", 10, 2)]))
    test.write_text(lines(questions("hours", 10, 3)))
    report = run_intents(read_intents(train, test, "oos"), engine(HashEncoder(), "oos"), "oos")
    assert report["threshold"] is None
    assert report["out_of_scope_recall"]["of"] == 0
    assert report["in_scope_accuracy"] == report["in_scope_accuracy_without_threshold"]


def test_the_score_is_higher_near_a_training_example():
    rows = [*questions("hours", 10, 1), *questions("price", 10, 2)]
    part = Labelled(tuple(r["text"] for r in rows), tuple(r["intent"] for r in rows))
    encoder = HashEncoder()
    classifier = ScopedClassifier(part, encoder.encode(part.texts), "oos")
    texts = [part.texts[0], "moon banana poem"]
    near, far = classifier.decide(texts, encoder.encode(texts)).scores
    assert near > far


OUTSIDE = {"text": "banana moon", "intent": "oos"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"text": "a", "intent": "x"}\n' * 4, "fewer than two intents"),
        ('{"text": "a", "intent": "x"}\n' * 4 + '{"text": "a", "intent": "y"}\n', "'y' has one training question"),
        ('{"text": "a"}\n', ":1: needs a text under each of text, intent"),
        ('{"text": "a", "intent": "x", "split": "dev"}\n', ":1: the split 'dev' is none of"),
        ('{"text": "a", "intent": "x", "split": "val"}\n', ":1: has no question of the part 'train'"),
        ("\n", ":1: is empty"),
        (
            lines(
                [row for row in rows_of_parts() if row["split"] not in ("val", "oos_val")]
                + [{**OUTSIDE, "split": "val"}]
            ),
            "the validation part has no question in scope",
        ),
    ],
)
def test_what_is_wrong_with_a_labelled_set_is_said(tmp_path, text, message):
    path = tmp_path / "set.jsonl"
    path.write_text(text)
    with pytest.raises(EvaluationError) as caught:
        read_intents(path, path, "oos")
    assert message in str(caught.value)


def test_a_broken_published_file_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "data_full.json"
    for text in ("{", "[]", '{"train": [1]}'):
        path.write_text(text)
        with pytest.raises(EvaluationError, match="is not an object with lists"):
            read_intents(path, path, "oos")


# Baselines on our questions.

PASSAGES = [
    Document("hours", "The clinic opens at nine.", ("when do you open",)),
    Document("nausea", "Nausea is common.", ("will I feel sick",)),
]


def asked(kind: str, *passages: str) -> Asked:
    return Asked("q", "text", kind, passages, "", "")


def test_each_baseline_finds_a_passage_by_its_phrasing():
    for rank in (bm25(PASSAGES), vectors(PASSAGES, HashEncoder(), quiet)):
        found = rank("will I feel sick")
        assert found.ids[0] == "nausea"
        assert found.score > rank("zebra crossing").score


@pytest.mark.quality
def test_rasas_own_components_learn_what_they_are_given(tmp_path):
    told: list[str] = []
    rank, seconds = response_selector(PASSAGES, tmp_path, 30, told.append)
    assert rank("will I feel sick").ids[0] == "nausea"
    assert rank("when do you open").ids[0] == "hours"
    assert seconds > 0
    again, same = response_selector(PASSAGES, tmp_path, 30, told.append)
    assert (again("when do you open"), same) == (rank("when do you open"), seconds)
    assert len(told) == 1

    rows = [*questions("hours", 8, 1), *questions("price", 8, 2), *questions("oos", 8, 3)]
    part = Labelled(tuple(r["text"] for r in rows), tuple(r["intent"] for r in rows))
    decide = diet(tmp_path, 30, told.append, "oos")(part)
    found = decide(["open hour today late", "weather poem moon"])
    assert found.intents[0] == "hours"
    assert found.scores[0] > found.scores[1]


def test_the_operating_point_separates_what_can_be_separated():
    sets = [asked("answer", "a"), asked("answer", "a"), asked("no_answer"), asked("smalltalk")]
    rankings = [Ranking(("a",), 0.9), Ranking(("b",), 0.8), Ranking(("a",), 0.3), Ranking(("a",), 99.0)]
    threshold = operating_point(sets, rankings)
    assert 0.3 < threshold <= 0.8
    found = score(sets, rankings, threshold)
    assert found["right_first"]["value"] == 0.5
    assert found["right_in_first_three"]["value"] == 0.5
    assert found["refused_though_answerable"]["value"] == 0
    assert found["answered_wrongly"]["value"] == 0.5
    assert found["answered_though_not"] == {**found["answered_though_not"], "value": 0, "of": 1}


@pytest.mark.parametrize("kinds", [(), ("answer",), ("no_answer", "smalltalk")])
def test_questions_that_set_no_threshold_are_refused(tmp_path, kinds):
    path = tmp_path / "tune.jsonl"
    path.write_text(lines({"id": kind, "text": "x", "kind": kind, "passages": ["p"]} for kind in kinds))
    with pytest.raises(EvaluationError, match=r"tune\.jsonl:1: holds no question of kind"):
        tuning_questions(path)


# The speed comparison.


def test_ratios_leave_out_what_was_not_cited():
    report = timing.compare([(10.0, 40.0), None, (20.0, 40.0), (30.0, 40.0)])
    assert (report["messages"], report["without_citation"]) == (3, 1)
    assert report["bot"]["p50_ms"] == 20
    assert report["ratio_p50"] == 0.5
    assert report["goal_met"]
    low, high = report["ratio_p50_interval"]
    assert low <= 0.5 <= high


def test_a_bot_that_cites_nothing_is_not_called_fast():
    with pytest.raises(FaqBotError, match="no question got a cited answer"):
        timing.compare([None, None])


def test_too_few_questions_are_wrong_usage(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(lines([{"id": "1", "text": "is it safe", "kind": "answer", "passages": ["p"]}]))
    with pytest.raises(UsageError, match="holds 1 answerable"):
        timing.run_bench(None, path, 10, print)


def test_encoder_and_search_are_timed_beside_a_baseline(make_store, knowledge, encoder, monkeypatch):
    snapshot = make_store().publish(knowledge)
    called: list[str] = []

    def told(name, answer):
        return lambda value: called.append(name) or answer(value)

    search = snapshot.search["en"]
    parts = SimpleNamespace(
        search=SimpleNamespace(search=told("search", search.search), passages=search.passages),
        prepare=lambda _, text, topics: search.question(text, encoder, topics),
        gate=Gate(load_patterns(), None, english_words()),
        encoder=SimpleNamespace(encode=told("encode", encoder.encode)),
        settings=Settings(examples=Path("nowhere.jsonl")),
    )
    monkeypatch.setattr(timing, "plain_encoder", lambda _: told("torch", str))
    monkeypatch.setattr(timing, "bm25", lambda passages: told("bm25", bm25(passages)))
    costs = timing.part_costs(parts, ["what does it cost", "is it safe", "does it hurt"])
    names = {"patterns_us", "gate_us", "encode_ms", "encode_torch_ms", "search_ms", "search_bm25_ms"}
    assert set(costs) == names
    assert called == ["bm25", *"encode torch torch encode encode torch search bm25 bm25 search search bm25".split()]
    shares = {"p50_ms": 1.0, "p95_ms": 1.0}
    report = {"messages": 3, "bot": shares, "stock": shares, "ratio_p50": 1, "ratio_p95": 1, "parts": costs}
    table = bench_table({**report, "ratio_p50_interval": [1, 1]})
    assert all(f"{costs[name]}" in table for name in names)


def test_the_stock_bot_ships_with_everything_that_it_is_trained_from():
    assert {path.name for path in timing.STOCK.rglob("*.*")} >= {
        "config.yml", "domain.yml", "nlu.yml", "rules.yml", "endpoints.yml", "credentials.yml", "stock_actions.py"
    }  # fmt: skip
