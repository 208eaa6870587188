import re
from pathlib import Path

import pytest

from bot.errors import KnowledgeError, UsageError
from bot.knowledge.coverage import read_coverage
from bot.knowledge.parse import read_knowledge

FACTS = """
claims:
  A-1: {topic: "x", verdict: overstated, claim: "It | works.", say: "For some."}
  A-2: {topic: "x", verdict: promotional, claim: "It is a miracle.", say: "No.", gap: "Not repeated."}
facts:
  B-1: {mark: V, review_by: "2027-05", fact: "It makes people dizzy."}
"""
PAGE = "safety/side-effects.md"


@pytest.fixture
def coverage(knowledge, tmp_path):
    def read():
        (tmp_path / "facts.yml").write_text(FACTS)
        return read_coverage(tmp_path / "facts.yml", read_knowledge(knowledge)[0])

    return read


def test_a_fact_without_a_passage_and_without_a_reason_is_a_problem(coverage):
    assert [problem.message for problem in coverage().problems()] == [
        "A-1 is answered by no passage: name it under 'Facts:' of one, or say why under 'gap:'"
    ]


def test_a_passage_that_names_an_unknown_fact_is_a_problem(coverage, knowledge, edit):
    edit(knowledge / PAGE, "Facts: B-1\nNext", "Facts: B-1, A-1, B-999, D-7\nNext")
    (problem,) = coverage().problems()
    assert str(problem).startswith(f"knowledge/{PAGE}:8: 'B-999' under 'Facts:'")


def test_the_table_has_every_fact_with_its_passages_or_its_reason(coverage):
    table = coverage().table()
    assert "| A-1 | It \\| works. | overstated | For some. | none: **missing** |" in table
    assert "| A-2 | It is a miracle. | promotional | No. | none: Not repeated. |" in table
    assert "[safety/side-effects#bladder](../knowledge/safety/side-effects.md)" in table
    assert "2 claims of the source articles: 0 with a passage; 2 without one, each with its reason." in table
    assert "- 1 facts: 1 with a passage.\n" in table


def test_a_missing_file_of_facts_is_told(knowledge):
    with pytest.raises(UsageError, match="no such file"):
        read_coverage(Path("nowhere.yml"), read_knowledge(knowledge)[0])


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (b"claims: {}\nfacts: [", "facts.yml:2: cannot be read"),
        (b"", "facts.yml:1: needs 'claims:' and 'facts:'"),
        (b"- B-1", "facts.yml:1: needs 'claims:' and 'facts:'"),
        (b"claims: {}\n", "facts.yml:1: needs 'facts:'"),
        (b"claims:\nfacts: {}", "facts.yml:1: needs 'claims:'"),
        (b"claims: {}\nfacts:\n  B-1: {mark: V}", "facts.yml:3: B-1 needs 'mark: …', 'fact: …', each with a text"),
        (b"claims: {}\nfacts: {B-1: x}", "facts.yml:1: B-1 needs"),
        (
            b'claims: {A-1: {verdict: wrong, claim: "It works."}}\nfacts: {}',
            "A-1 needs 'verdict: …', 'claim: …', 'say: …'",
        ),
        (b'claims: {}\nfacts: {B-1: {mark: V, fact: "caf\xe9"}}', "facts.yml:2: has a letter that is not UTF-8"),
    ],
)
def test_a_broken_file_of_facts_is_told_with_its_line(knowledge, tmp_path, facts, told):
    (tmp_path / "facts.yml").write_bytes(facts)
    with pytest.raises(KnowledgeError, match=re.escape(told)):
        read_coverage(tmp_path / "facts.yml", read_knowledge(knowledge)[0])


def test_the_shipped_knowledge_covers_every_claim_and_fact_and_the_table_says_so():
    found = read_coverage(Path("docs/facts.yml"), read_knowledge(Path("knowledge"))[0])
    assert len([f for f in found.facts if f.id.startswith("A-")]) == 98
    assert len([f for f in found.facts if f.id.startswith("B-")]) == 223
    assert found.problems() == []
    written = Path("docs/coverage.md").read_text(encoding="utf-8")
    assert written == found.table(), "run: faqbot knowledge coverage --write docs/coverage.md"
