"""What people who edit the files get wrong, and the one sentence that each mistake is answered with."""

import re
from pathlib import Path

import pytest
import yaml

from bot.knowledge.check import check_content
from bot.knowledge.files import MAX_BYTES
from bot.knowledge.fixed_texts import DECLINED, ENTRIES, LABELS
from bot.knowledge.parse import read_knowledge

PAGE = "safety/side-effects.md"
CLINIC, SOURCES, REPLIES = "clinic.yml", "sources.yml", "replies/en.yml"


def problems_of(root: Path) -> list[str]:
    """What staff read, without the warnings of the shipped replies about passages that the small folder lacks."""
    base, problems = read_knowledge(root)
    found = [str(problem) for problem in [*problems, *check_content(base, root)]]
    return [line for line in found if "names what is no passage" not in line]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (PAGE, "{#common}", "{#common", "8: the heading needs a short name"),
        (PAGE, "{#common}", "}#common{", "8: the heading needs a short name"),
        (PAGE, "while.[^one-2020]", "while.[^one-2020", "10: '[' would be shown as it stands"),
        (PAGE, "while.[^one-2020]", "while.[one-2020]", "10: '[' would be shown as it stands"),
        (PAGE, "while.[^one-2020]", "while.(^one-2020)", "10: '(^' would be shown as it stands"),
        (PAGE, "day.[^one-2020]", "day.[^ one-2020]", "11: '[' would be shown as it stands"),
        (PAGE, "while.[^one-2020]", "while[^one-2020].", "10: a citation mark stands before the '.'"),
        (PAGE, "dizzy", "**dizzy**", "10: '**' would be shown as it stands"),
        (PAGE, "2026-11-01", "2026-13-45", "3: '2026-13-45' is not a date: write it like 2026-11-22"),
        (PAGE, "2026-11-01", "11/01/2026", "3: front matter needs 'reviewed: ' with a date like 2026-11-22"),
        (PAGE, "2026-11-01", "2026-11-01 10:00:00", "3: front matter needs 'reviewed: ' with a date like"),
        (PAGE, "title: A page", "title: Risks: a page", "2: cannot be read: look for a missing quote, colon"),
        (PAGE, "title: A page", "title: “A page”", "2: begins with a word processor's curly quote"),
        (PAGE, "title: A page", "title: A page\n1: x", "3: '1' is not a front matter entry"),
        (PAGE, "title: A page", "title: A page\nabout: ptsd, pain", "3: 'ptsd, pain' under 'about:' is not in"),
        (PAGE, "---\ntitle", "\n---\ntitle", "1: has no front matter"),
        (PAGE, "team\n---\n", "team\n", "1: has no front matter"),
        (PAGE, "Many", "<<<<<<< HEAD\nMany", "10: two versions were merged here: keep one"),
        (PAGE, "dizzy", "di\x07zzy", "10: has an invisible character: retype it"),
        (SOURCES, '  title: "A first', '\ttitle: "A first', "3: has a tab: use spaces instead"),
        (SOURCES, "two-2021:", "one-2020:", "9: 'one-2020' stands here for the second time: keep one"),
        (SOURCES, "one-2020:", "one-2020: A paper\nthree-2023:", "must have title, publisher, year, url, kind and"),
        (SOURCES, "10.1000/one", "10.1000 one", "must begin with https:// and have no spaces"),
        (CLINIC, "phone:", 'phone: "1"\nphone:', "10: 'phone' stands here for the second time: keep one"),
        (CLINIC, 'Clinic"', "Clinic", "9: cannot be read: look for a missing quote, colon or bracket here or just"),
        (CLINIC, '"+1 202-555-0142"', "2025550142", "9: needs 'phone: …' with the text in quotes"),
        (CLINIC, "region: us", "region: usa", "7: region 'usa' is not known: use one of au, ca"),
        (CLINIC, '\nhours:\n  - "Mon', '\nhours: "Mon', "21: cannot be read: look for a missing quote"),
        (CLINIC, "directions:", "direction:", "18: 'direction' is not an entry: use one of name, example"),
        (REPLIES, "\nno_answer:", "\nno_anser:", "1: has no 'no_answer': put it back"),
        (REPLIES, "  overdue:", "  overdu:", "'labels' has no overdue: put it back"),
        (REPLIES, "assistant of {clinic}", "assistant of {clinc}", "'greet' names {clinc}, which nothing fills in"),
        (REPLIES, "assistant of {clinic}", "assistant of {clinic", "'greet' has a curly bracket that is not closed"),
        (REPLIES, "\nempty: [", "\nempty: []\nold: [", "'empty' must be a text, or a list of texts"),
        (REPLIES, "reviewed on {date}", "reviewed by {clinic}", "'labels' names {clinic}, which nothing fills in"),
        (REPLIES, "take care. You", "take care, {email}. You", "'goodbye' says nothing where the clinic has no email"),
        (REPLIES, "  E-2:", "  E-22:", "'declined' has no E-2: put it back"),
    ],
)
def test_a_slip_of_the_pen_is_told_in_one_sentence(knowledge, file, old, new, said):
    edited = (knowledge / file).read_text(encoding="utf-8").replace(old, new, 1)
    assert edited != (knowledge / file).read_text(encoding="utf-8")
    (knowledge / file).write_text(edited, encoding="utf-8")
    found = problems_of(knowledge)
    assert [line for line in found if line.startswith(f"knowledge/{file}:") and said in line], found
    assert all(re.fullmatch(r"knowledge/\S+:\d+: [^\n]+", line) for line in found)
    assert len(found) <= 2


def test_a_translated_refusal_needs_its_sentences_but_repeats_no_passages(knowledge):
    file = knowledge / "replies/es.yml"
    file.write_text('declined:\n  E-6:\n    say: "No."\n    point: "Pregunte."\n', encoding="utf-8")
    assert problems_of(knowledge) == []
    file.write_text('declined:\n  E-6:\n    say: "No."\n', encoding="utf-8")
    assert problems_of(knowledge) == ["knowledge/replies/es.yml:2: 'E-6' needs 'say: …' and 'point: …'"]


def test_a_heading_belongs_to_one_passage(knowledge):
    text = (knowledge / PAGE).read_text(encoding="utf-8")
    heading = re.search(r"^## (.*?) \{#", text, re.M)[1]
    start = text.index("\n## ")
    again = text[start:].replace(heading, heading.upper()).replace("{#", "{#again-")
    (knowledge / PAGE).write_text(text + again, encoding="utf-8")
    assert any(
        f"'{heading.upper()}' is also the heading of safety/side-effects#" in line for line in problems_of(knowledge)
    )


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (PAGE, b"", "1: is empty: write a page into it, or delete it"),
        (PAGE, b"PK\x03\x04\x14\x00\x06\x00", "0: is not plain text"),
        (PAGE, "---\ntitle".encode("utf-16"), "0: is not plain text"),
        (PAGE, b"word " * (MAX_BYTES // 4), f"0: has {MAX_BYTES // 4 * 5} bytes, and {MAX_BYTES} is the most"),
        (SOURCES, b"", "1: must be lines of 'name: value'"),
        (SOURCES, b"- a list\n", "1: must be lines of 'name: value'"),
        (CLINIC, b"\n", "1: must be lines of 'name: value'"),
        (REPLIES, b"# nothing\n", "1: must be lines of 'name: value'"),
    ],
)
def test_a_file_that_is_something_else_is_told_and_nothing_follows_from_it(knowledge, file, content, said):
    (knowledge / file).write_bytes(content)
    found = [line for line in problems_of(knowledge) if "'Next:' names" not in line]
    assert len(found) == 1
    assert found[0].startswith(f"knowledge/{file}:{said}")


@pytest.mark.parametrize(("file", "line"), [(PAGE, 10), (CLINIC, 6), (SOURCES, 3)])
def test_another_encoding_is_told_with_its_line(knowledge, file, line):
    text = (knowledge / file).read_text(encoding="utf-8")
    for word in ("dizzy", "Example Ketamine Clinic", "A first paper"):
        text = text.replace(word, "Café")
    (knowledge / file).write_bytes(text.encode("cp1252"))
    assert problems_of(knowledge) == [
        f"knowledge/{file}:{line}: has a letter that is not UTF-8: save the file as plain text in UTF-8"
    ]


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text.replace("\n", "\r"),
    lambda text: "\ufeff" + text,
    lambda text: text.replace("- does", "• does"),
    lambda text: text.replace("- does", "-\u00a0does"),
    lambda text: text.replace("Visitors ask:", "Visitor asks"),
])  # fmt: skip
def test_what_editors_do_on_their_own_is_no_mistake(knowledge, change):
    before = read_knowledge(knowledge)[0].passages
    page = knowledge / PAGE
    page.write_bytes(change(page.read_text(encoding="utf-8")).encode())
    assert problems_of(knowledge) == []
    assert read_knowledge(knowledge)[0].passages == before


@pytest.mark.parametrize("name", ["safety/new.md.txt", "safety/new.docx", "new.md"])
def test_a_page_that_is_not_read_is_a_warning(knowledge, name):
    (knowledge / name).write_text("x")
    assert problems_of(knowledge) == [
        f"knowledge/{name}:0: warning: is not read: a page stands in a topic's folder and its name ends in .md"
    ]


def test_a_copied_page_is_told_by_its_name(knowledge):
    (knowledge / "safety/Copy of x.md").write_text((knowledge / PAGE).read_text())
    assert "knowledge/safety/Copy of x.md:0: has a name with more than lowercase letters" in problems_of(knowledge)[0]


def test_a_folder_named_like_a_page_is_no_page(knowledge):
    (knowledge / "safety/folder.md").mkdir()
    assert problems_of(knowledge) == []


def test_an_unreadable_page_leaves_the_other_pages(knowledge):
    (knowledge / PAGE).write_bytes(b"\0")
    assert {p.id for p in read_knowledge(knowledge)[0].passages} == {"cost/prices#iv", "effectiveness/ptsd#ptsd"}


def test_a_label_that_nothing_shows_is_no_mistake(knowledge, edit):
    edit(knowledge / REPLIES, "  overdue:", '  choices: "Did you mean:"\n  overdue:')
    assert problems_of(knowledge) == []


def test_the_shipped_replies_are_those_that_the_check_knows():
    replies = yaml.safe_load(Path("knowledge/replies/en.yml").read_text(encoding="utf-8"))
    assert set(replies) == ENTRIES | {"labels", "declined"}
    assert set(replies["labels"]) == LABELS
    assert set(replies["declined"]) == DECLINED
