import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.reply import KINDS, Paragraph, Reply, blocks, marked, quote, say
from bot.knowledge.check import check_content
from bot.knowledge.parse import load_knowledge
from bot.rendering.message import as_message
from bot.rendering.plain import plain_text

WORDS = {"sources": "Sources:", "reviewed": "Reviewed on {date}."}


@pytest.fixture
def base(knowledge):
    return load_knowledge(knowledge, check_content)


@pytest.fixture
def answer(base) -> Reply:
    passages = [base.by_id["safety/side-effects#common"], base.by_id["safety/side-effects#bladder"]]
    paragraphs, citations = quote(passages, base)
    return Reply("answer", paragraphs, citations, topic="safety", suggestions=("What next?",), passages=("x",))


def test_passages_are_quoted_whole_and_in_their_own_words(answer, base):
    said = [s.text for name in ("common", "bladder") for s in base.by_id[f"safety/side-effects#{name}"].statements]
    assert [p.text for p in answer.paragraphs] == said


def test_citations_are_numbered_from_one_without_a_gap(answer):
    assert [c.number for c in answer.citations] == [1, 2, 3]
    assert [(c.source.id, c.passage.id.split("#")[1]) for c in answer.citations] == [
        ("one-2020", "common"),
        ("two-2021", "common"),
        ("two-2021", "bladder"),
    ]
    assert [p.citations for p in answer.paragraphs] == [(1,), (1, 2), (), (3,)]


def test_each_passage_paragraph_is_a_block_of_its_own(answer):
    assert [[p.text[:4] for p in block] for block in blocks(answer.paragraphs)] == [
        ["Many", "Most"],
        ["Ask "],
        ["Heav"],
    ]


@given(st.lists(st.sampled_from([(), (1,), (2,), (1, 2)]), min_size=1, max_size=8))
def test_neighbours_with_the_same_sources_share_one_mark_and_none_is_lost(citations):
    block = [Paragraph(f"Sentence {n}.", numbers) for n, numbers in enumerate(citations)]
    shown = marked(block)
    assert [text for text, _ in shown] == [p.text for p in block]
    runs = [numbers for n, numbers in enumerate(citations) if n + 1 == len(citations) or citations[n + 1] != numbers]
    assert [numbers for _, numbers in shown if numbers] == [numbers for numbers in runs if numbers]


def test_the_text_alone_is_complete(answer):
    text = plain_text(answer.with_notice("This is a machine."), WORDS)
    assert text.startswith("This is a machine.\n\nMany people feel dizzy or sick for a while.[1] Most of it is gone")
    assert set(re.findall(r"\[(\d+)\]", text.split("Sources:")[0])) == {"1", "2", "3"}
    assert text.endswith("Reviewed on 2026-11-01.")
    for citation in answer.citations:
        assert (
            f"[{citation.number}] {citation.source.title}. {citation.source.publisher}, {citation.source.year}. "
            in text
        )
        assert citation.source.url in text


def test_the_object_has_the_promised_form(answer):
    custom = json.loads(json.dumps(answer.as_custom()))
    assert custom["schema"] == "reply/1"
    assert set(custom) >= {
        "kind", "tier", "topic", "paragraphs", "citations", "resources", "suggestions", "confidence",
        "knowledge_version",
    }  # fmt: skip
    assert set(custom["citations"][0]) >= {"number", "source_id", "title", "publisher", "year", "url", "passage"}
    assert set(custom["citations"][0]["passage"]) >= {"id", "file", "heading", "reviewed"}
    assert all({"text", "citations"} <= set(p) for p in custom["paragraphs"])
    assert custom["kind"] in KINDS


def test_choices_become_buttons_and_stand_in_the_text_where_the_bot_asks_back():
    choices = ("Is it safe?", "What does it cost?")
    message = as_message(say("clarify", ["Did you mean …?"], suggestions=choices, offers_choices=True), WORDS)
    assert [b["title"] for b in message["buttons"]] == ["Is it safe?", "What does it cost?"]
    assert "1. Is it safe?\n2. What does it cost?" in message["text"]
    assert "1. Is it safe?" not in as_message(say("smalltalk", ["Hello."], suggestions=choices), WORDS)["text"]
    assert "buttons" not in as_message(say("smalltalk", ["Hello."]), WORDS)
