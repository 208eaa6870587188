"""Nothing is quoted that is not in a knowledge file, and nothing is linked that is not in sources.yml."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.replies import Phrasebook, support_line
from bot.answering.reply import quote
from bot.examples import read_questions
from bot.knowledge.fixed_texts import ENTRIES
from bot.knowledge.parse import read_knowledge

ROOT = Path(__file__).parents[2]
BASE = read_knowledge(ROOT / "knowledge")[0]
URLS = {source.url for source in BASE.sources.values()}


@cache
def file_text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def wrong_with(paragraphs: list[dict[str, Any]], citations: list[dict[str, Any]]) -> list[str]:
    """What of a reply cannot be traced to its file or its source; an uncited paragraph is no statement of a passage."""
    by_number = {citation["number"]: citation for citation in citations}
    problems = [] if list(by_number) == list(range(1, len(citations) + 1)) else ["citations are not numbered 1, 2, 3 …"]
    used = Counter(number for paragraph in paragraphs for number in paragraph["citations"])
    problems += [f"citation {number} is never used" for number in by_number if not used[number]]
    for paragraph in paragraphs:
        for number in paragraph["citations"]:
            citation = by_number.get(number)
            if citation is None:
                problems.append(f"mark [{number}] has no citation")
                continue
            text, passage = file_text(citation["passage"]["file"]), citation["passage"]["id"]
            if paragraph["text"] not in text:
                problems.append(f"not in {citation['passage']['file']}: {paragraph['text'][:60]!r}")
            statement = next((s for s in BASE.by_id[passage].statements if s.text == paragraph["text"]), None)
            if statement is None or citation["source_id"] not in statement.sources:
                problems.append(f"{passage} does not cite {citation['source_id']} there")
    for citation in citations:
        source = BASE.sources.get(citation["source_id"])
        if source is None or (citation["url"], citation["title"], citation["year"]) != (
            source.url,
            source.title,
            source.year,
        ):
            problems.append(f"'{citation['source_id']}' is not as in sources.yml")
    return problems


def fixed_sentences() -> set[str]:
    """Every sentence of the bot's own that may stand beside a passage, with the clinic's facts."""
    phrases = Phrasebook(BASE, "en")
    about_passages = {"source_lead", "reviewer", "truth"}
    said = {line for name in ENTRIES - about_passages for line in phrases.sentences(name)}
    return said | {support_line(reason, phrases.region, "en") for reason in ("distress", "information")}


def as_data(passages) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    paragraphs, citations = quote(passages, BASE)
    return [{"text": p.text, "citations": list(p.citations)} for p in paragraphs], [c.as_dict() for c in citations]


@pytest.mark.parametrize("passage", BASE.passages, ids=lambda passage: passage.id)
def test_every_passage_is_quoted_as_it_stands_with_its_sources(passage):
    paragraphs, citations = as_data([passage])
    assert citations
    assert not wrong_with(paragraphs, citations)
    assert [p["text"] for p in paragraphs] == [s.text for s in passage.statements]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(BASE.passages), min_size=1, max_size=4, unique_by=lambda p: p.id))
def test_passages_together_keep_their_own_citations(passages):
    paragraphs, citations = as_data(passages)
    assert not wrong_with(paragraphs, citations)
    assert [p["text"] for p in paragraphs] == [s.text for passage in passages for s in passage.statements]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda paragraphs, citations: paragraphs[0].update(text=paragraphs[0]["text"] + " Always."),
        lambda paragraphs, citations: paragraphs[0].update(citations=[99]),
        lambda paragraphs, citations: citations[0].update(url="https://example.org"),
        lambda paragraphs, citations: citations[0].update(number=7),
        lambda paragraphs, citations: citations.append(citations[0] | {"number": len(citations) + 1}),
    ],
)
def test_a_reply_that_is_not_traceable_is_noticed(spoil):
    paragraphs, citations = as_data([BASE.passages[0]])
    spoil(paragraphs, citations)
    assert wrong_with(paragraphs, citations)


@pytest.fixture(scope="module")
def replies():
    """The replies to the tune part of the questions, by question."""
    from bot.rasa.agent import LocalBot

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        bot = LocalBot(ROOT / "models")
        asked = read_questions(ROOT / "evaluation/questions/tune.jsonl")
        return {question.text: bot.ask(question.text, question.id) for question in asked}


@pytest.mark.quality
class TestRepliesOfTheEvaluationSet:
    def test_each_question_has_one_reply(self, replies):
        assert len(replies) >= 200
        assert all(reply["text"].strip() for reply in replies.values())
        assert not [r for r in replies.values() if r["custom"]["kind"] == "error"]

    def test_every_quoted_word_is_in_its_file(self, replies):
        wrong = {
            text: problems
            for text, reply in replies.items()
            if (problems := wrong_with(reply["custom"]["paragraphs"], reply["custom"]["citations"]))
        }
        assert not wrong

    def test_no_answer_is_without_a_citation(self, replies):
        answers = [reply["custom"] for reply in replies.values() if reply["custom"]["kind"] == "answer"]
        assert len(answers) >= 100
        assert not [answer for answer in answers if not answer["citations"]]

    def test_every_link_is_in_the_sources_file(self, replies):
        own = {BASE.clinic.website, BASE.clinic.booking_url}
        for reply in replies.values():
            linked = {url.rstrip(".,;)") for url in re.findall(r"https?://\S+", reply["text"])}
            assert linked <= {url.rstrip(".,;)") for url in URLS | own}

    def test_what_carries_no_citation_states_no_fact(self, replies):
        """An uncited paragraph is advice of a cited passage, or a fixed sentence of the bot's own."""
        advice = {s.text for passage in BASE.passages for s in passage.statements if not s.sources}
        known = advice | fixed_sentences()
        for reply in replies.values():
            if reply["custom"]["kind"] == "answer":
                loose = {p["text"] for p in reply["custom"]["paragraphs"] if not p["citations"]}
                assert loose <= known

    def test_no_reply_names_an_amount_of_medicine(self, replies):
        assert not [
            r["text"] for r in replies.values() if re.search(r"\d\s*(?:mg|mcg|ml)\b", r["text"].split("Sources:")[0])
        ]
