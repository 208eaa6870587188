import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError, UsageError
from bot.knowledge.check import check_content
from bot.knowledge.parse import load_knowledge, read_knowledge, version_of

PAGE = "safety/side-effects.md"


def problems_of(root: Path) -> list[str]:
    base, problems = read_knowledge(root)
    return [str(problem) for problem in [*problems, *check_content(base, root)]]


def test_a_passage_is_what_its_page_says(knowledge):
    base = load_knowledge(knowledge, check_content)
    passage = base.by_id["safety/side-effects#common"]
    assert passage.heading == "What are the side effects?"
    assert (passage.topic, passage.language, passage.file) == ("safety", "en", f"knowledge/{PAGE}")
    assert (passage.reviewed, passage.review_by) == (date(2026, 11, 1), date(2027, 5, 31))
    assert [[(s.text, s.sources) for s in paragraph] for paragraph in passage.paragraphs] == [
        [
            ("Many people feel dizzy or sick for a while.", ("one-2020",)),
            ("Most of it\nis gone the same day.", ("one-2020", "two-2021")),
        ],
        [("Ask the team before you go home.", ())],
    ]
    assert len(passage.questions) == 10
    assert passage.facts == ("B-1",)
    assert passage.related == ("cost/prices#iv",)
    assert base.by_id["effectiveness/ptsd#ptsd"].about == ("ptsd",)


def test_every_statement_stands_on_the_line_that_it_names(knowledge):
    for passage in load_knowledge(knowledge, check_content).passages:
        lines = (knowledge.parent / passage.file).read_text().splitlines()
        assert lines[passage.line - 1].startswith("## ")
        for statement in passage.statements:
            assert statement.text.split("\n")[0] in lines[statement.line - 1]


def test_the_shipped_knowledge_is_quoted_character_for_character():
    root = Path(__file__).parents[2] / "knowledge"
    base, problems = read_knowledge(root)
    assert not problems
    assert len(base.passages) >= 150
    files = {p.file: (root.parent / p.file).read_text(encoding="utf-8") for p in base.passages}
    assert not [s.text for p in base.passages for s in p.statements if s.text not in files[p.file]]
    assert not [p.id for p in base.passages if not any(s.sources for s in p.statements)]
    assert {name for p in base.passages for s in p.statements for name in s.sources} <= set(base.sources)


WORD = st.text("abcdefghij,;'’–%()éñ“”", min_size=1, max_size=8).filter(lambda word: word not in "()")
SENTENCE = st.lists(WORD, min_size=1, max_size=6).map(lambda words: "A " + " ".join(words) + ".")
CITED = st.tuples(SENTENCE, st.lists(st.sampled_from(["one-2020", "two-2021"]), min_size=1, max_size=2))
EXAMPLES = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def page(knowledge: Path) -> Path:
    """A page of a folder that holds little else to read."""
    shutil.rmtree(knowledge / "replies")
    return knowledge / PAGE


@EXAMPLES
@given(st.lists(st.lists(CITED, min_size=1, max_size=3), min_size=1, max_size=3), st.sampled_from([" ", "\n"]))
def test_whatever_is_written_is_read_back_unchanged(page, paragraphs, gap):
    body = "\n\n".join(gap.join(s + "".join(f"[^{n}]" for n in names) for s, names in p) for p in paragraphs)
    front = page.read_text(encoding="utf-8").split("\n## ")[0]
    page.write_text(f"{front}\n## Heading {{#common}}\n\n{body}\n", encoding="utf-8")
    base, problems = read_knowledge(page.parents[1])
    assert not problems
    read = base.by_id["safety/side-effects#common"].paragraphs
    assert [[(s.text, list(s.sources)) for s in p] for p in read] == [
        [(s, names) for s, names in p] for p in paragraphs
    ]
    assert all(s.text in page.read_text(encoding="utf-8") for p in read for s in p)


@EXAMPLES
@given(st.binary(max_size=200) | st.text("#{}-[]^: \n`<|>*ab", max_size=200).map(str.encode))
def test_no_page_stops_the_reader(page, content):
    page.write_bytes(content)
    for problem in read_knowledge(page.parents[1])[1]:
        assert re.match(r"^knowledge/\S+:\d+: .+", str(problem), re.S)


@pytest.mark.parametrize("file", ["sources.yml", "clinic.yml", "vocabulary.yml", "replies/en.yml"])
@pytest.mark.parametrize("content", [b"", b"null", b"3", b"- a\n- b", b"a: [", b"a: *x", b"\t", b"2026-13-45: 1"])
def test_no_settings_file_stops_the_reader(knowledge, file, content):
    (knowledge / file).write_bytes(content)
    assert [problem for problem in problems_of(knowledge) if file in problem]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("---\ntitle", "title", "has no front matter"),
        ("title: A page\n", "", "front matter needs 'title"),
        ("reviewed: 2026-11-01", "reviewed: soon", "front matter needs 'reviewed: '"),
        ("review_by: 2027-05-31", "review_by: 2026-10-31", "'review_by' is not after 'reviewed'"),
        ("reviewer:", "rewiever:", "'rewiever' is not a front matter entry"),
        ("title: A page", "title: [A page", "cannot be read"),
        (" {#common}", "", "the heading needs a short name"),
        ("{#common}", "{#Common One}", "the heading needs a short name"),
        ("{#common}", "{#bladder}", "is also in"),
        ("## What", "# What", "expected a passage heading"),
        ("\n- does", "\ndoes", "expected '- ' and a question"),
        ("Many people feel", "- Many people feel", "are not shown in a reply"),
        ("Many people feel dizzy or sick for a while.", "", "a citation mark with no words before it"),
        ("while.[^one-2020]", "while.[^nobody-1999]", "[^nobody-1999] is not in sources.yml"),
        ("while.[^one-2020] Most", "while. Most", "has no source"),
        ("Ask the team", "The team is kind", "has no source"),
        ("cost/prices#iv", "cost/prices#vi", "'Next:' names 'cost/prices#vi'"),
        ("for a while", "after 50 mg", "names an amount of medicine"),
        ("for a while", "but it is a miracle", "promises more than is known"),
        ("for a while", "see https://example.org", "is a web address"),
        ("- does it make you feel dizzy or sick ten\n", "", "9 questions"),
    ],
)
def test_a_mistake_of_staff_is_named_with_its_place(knowledge, edit, old, new, said):
    edit(knowledge / PAGE, old, new)
    found = [problem for problem in problems_of(knowledge) if said in problem]
    assert found
    assert found[0].startswith(f"knowledge/{PAGE}:")
    with pytest.raises(KnowledgeError):
        load_knowledge(knowledge, check_content)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("sources.yml", "  kind: paper\n", "  kind: rumour\n", "kind 'rumour' is not one of"),
        ("sources.yml", "year: 2020", "year: long ago", "is not a year"),
        ("sources.yml", "https://doi.org/10.1000/one", "http://doi.org/10.1000/one", "must begin with https://"),
        ("sources.yml", '  title: "A first paper"\n', "", "has no title"),
        ("clinic.yml", 'website: "https://', 'website: "http://', "'website' must begin with https://"),
        ("clinic.yml", "overdue_passages: label", "overdue_passages: hide", "must be 'label' or 'withhold'"),
        ("clinic.yml", 'https://clinic.example"', 'https://clinic.example/page"', "is not a site"),
        ("clinic.yml", "name:", "nom:", "needs 'name: …'"),
        ("clinic.yml", "as_of: 2026-11-22", "as_of: today", "each of 'prices' needs"),
        ("vocabulary.yml", "trauma", "iv", "'iv' stands under"),
        ("vocabulary.yml", "forms:", "shapes:", "'shapes' is not one of"),
    ],
)
def test_a_mistake_in_a_settings_file_is_named(knowledge, edit, file, old, new, said):
    edit(knowledge / file, old, new)
    assert [p for p in problems_of(knowledge) if said in p and p.startswith(f"knowledge/{file}:")]


def test_a_question_belongs_to_one_passage(knowledge, edit):
    edit(knowledge / PAGE, "will my bladder hurt one", "Does it make you feel dizzy, or sick, one?")
    assert [p for p in problems_of(knowledge) if "is also asked of safety/side-effects#common" in p]


def test_all_problems_of_all_files_are_told_at_once(knowledge, edit):
    edit(knowledge / PAGE, "Ask the team", "The team is kind")
    edit(knowledge / "cost/prices.md", "{#iv}", "")
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(knowledge, check_content)
    assert {p.file for p in caught.value.problems} >= {f"knowledge/{PAGE}", "knowledge/cost/prices.md"}


def test_a_folder_that_is_no_topic_is_named(knowledge):
    (knowledge / "recipes").mkdir()
    (knowledge / "recipes/soup.md").write_text("x")
    assert any("'recipes', which is not a topic" in problem for problem in problems_of(knowledge))


def test_a_missing_file_or_folder_is_named(knowledge):
    (knowledge / "sources.yml").unlink()
    assert "knowledge/sources.yml:0: is missing: put it back" in problems_of(knowledge)
    with pytest.raises(UsageError, match="no such folder"):
        read_knowledge(knowledge / "nowhere")


def test_the_version_changes_with_any_byte_of_any_file(knowledge):
    seen = {version_of(knowledge)}
    for path in [knowledge / PAGE, knowledge / "clinic.yml", knowledge / "replies/en.yml"]:
        path.write_text(path.read_text() + "\n")
        seen.add(version_of(knowledge))
    (knowledge / PAGE).rename(knowledge / "safety/effects.md")
    seen.add(version_of(knowledge))
    assert len(seen) == 5
