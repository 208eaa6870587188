import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.knowledge.importing import Imported, draft_page, read_questions
from bot.knowledge.parse import read_knowledge

HTML = """
<html><head><title>Not a question?</title><style>p {}</style></head><body>
<nav><p>Menu?</p><p>Not read.</p></nav>
<h2>About the treatment</h2>
<h3>What is <b>ketamine</b>?</h3><p>An anesthetic, since&nbsp;1970 &amp; before.
 Read <a href="https://clinic.example/a">more</a>.</p><ul><li>it works fast</li><li>It fades.</li></ul>
<details><summary>Can I drive?</summary>No.<br>Not that day.</details>
<dl><dt>Cost</dt><dd>It depends</dd></dl>
<p>Do you take walk-ins?</p><p>We do. Why not?</p>
<script>var asked = "Why?";</script>
</body></html>
"""
MARKDOWN = """---
title: ignored
---
# Our page

## What is [ketamine](https://clinic.example/a)?

An *anesthetic*, with snake_case
in **two** lines.

- it works fast
- It fades.

**Can I drive?**
Not that day.

Q: Is it legal?
A: Yes, with a prescription.
"""


def test_a_web_page_is_read_by_its_headings_and_questions():
    assert read_questions(HTML, "html") == [
        Imported(
            "What is ketamine?",
            ("An anesthetic, since 1970 & before. Read more.", "It works fast. It fades."),
            ("https://clinic.example/a",),
        ),
        Imported("Can I drive?", ("No.", "Not that day.")),
        Imported("Cost", ("It depends.",)),
        Imported("Do you take walk-ins?", ("We do. Why not?",)),
    ]


@pytest.mark.parametrize("mark", ["<![foo[ x ]]>", "<![if !x]>", "<![endif]>", "<![ 5>", "<!x>"])
def test_marks_that_are_none_of_html_are_passed_over(mark):
    text = f"<h2>Is it far?</h2><p>No.{mark}</p>"
    assert read_questions(text, "html") == [Imported("Is it far?", ("No.",))]


def test_a_markdown_page_is_read_without_its_signs():
    assert read_questions(MARKDOWN, "md") == [
        Imported("What is ketamine?", ("An anesthetic, with snake_case in two lines.", "It works fast. It fades.")),
        Imported("Can I drive?", ("Not that day.",)),
        Imported("Is it legal?", ("Yes, with a prescription.",)),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_by_its_column_names(delimiter):
    rows = [
        ["Question", "ANSWER", "Source", "Phrasings"],
        ["What is it?", '"An ""old"" drug.\n\nUsed in surgery"', "one-2020 | two-2021", "what's it|is it a drug"],
        ["Without an answer", "", "", ""],
    ]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert read_questions(text, "csv") == [
        Imported(
            "What is it?",
            ('An "old" drug.', "Used in surgery."),
            ("one-2020", "two-2021"),
            ("what's it", "is it a drug"),
        )
    ]


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("a,b\n1,2\n", "csv", "names no 'question' and 'answer' column, but a, b"),
        ("", "csv", "but nothing"),
        ("Just words.", "md", "no question with an answer"),
        ("<p>Just words.</p>", "html", "no question with an answer"),
        ("question,answer\n", "csv", "no question with an answer"),
        (f"question,answer\nWhy?,{'x' * 200_000}\n", "csv", "is not a table that can be read"),
    ],
)
def test_a_file_without_questions_is_told(text, kind, said):
    with pytest.raises(UsageError, match=said):
        read_questions(text, kind)


@pytest.fixture
def draft(knowledge):
    """Makes a draft and puts it into the knowledge folder."""

    def make(*questions: Imported) -> tuple[str, list[str], list]:
        base = read_knowledge(knowledge)[0]
        text = draft_page(list(questions), 'Our "FAQ"', "faq.csv", base.sources)
        (knowledge / "basics").mkdir()
        (knowledge / "basics/faq.md").write_text(text, encoding="utf-8")
        base, problems = read_knowledge(knowledge)
        return text, [str(p) for p in problems], [p for p in base.passages if p.topic == "basics"]

    return make


def test_a_draft_is_a_page_that_lacks_only_its_signature(draft):
    _, problems, (first, second) = draft(
        Imported("What is it?", ("A drug.", "An old one."), ("one-2020",), ("is it a drug",)),
        Imported("What is it?", ("The same again.",), ("https://doi.org/10.1000/two/",)),
    )
    assert (first.id, second.id) == ("basics/faq#what-is-it", "basics/faq#what-is-it-2")
    assert [(s.text, s.sources) for s in first.statements] == [
        ("A drug.", ("one-2020",)),
        ("An old one.", ("one-2020",)),
    ]
    assert second.statements[0].sources == ("two-2021",)
    assert first.questions == ("What is it", "is it a drug")
    assert [problem.split(": ", 1)[1] for problem in problems] == [
        "front matter needs 'reviewer: …'",
        "front matter needs 'reviewed: ' with a date like 2026-11-22",
        "front matter needs 'review_by: ' with a date like 2026-11-22",
    ]


def test_a_source_that_is_not_known_is_noted_and_not_cited(draft):
    text, _, (passage,) = draft(Imported("What is it?", ("A drug.",), ("our brochure", "https://clinic.example/a")))
    assert passage.statements[0].sources == ()
    assert "# To add to sources.yml, if it holds: our brochure\n" in text
    assert "# To add to sources.yml, if it holds: https://clinic.example/a\n" in text


def test_words_of_the_clinic_cannot_break_the_page(draft):
    (question,) = read_questions('question,answer\n"# What? {#x}","- <b>No</b>\n# not a heading\n---"\n', "csv")
    _, problems, (passage,) = draft(question)
    assert passage.heading == "What? x"
    assert len(problems) == 3


@settings(max_examples=100, deadline=None)
@given(st.text("<>!/ahbrdt123#*-?:[]()\"'\n,;| \t&", max_size=300), st.sampled_from(["csv", "md", "html"]))
def test_no_file_breaks_the_import(text, kind):
    try:
        questions = read_questions(text, kind)
    except UsageError:
        return
    assert all(q.question and all(q.answer) for q in questions)
    assert draft_page(questions, "x", "y", {}).startswith("---\n")
