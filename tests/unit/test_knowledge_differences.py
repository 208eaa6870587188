import json
import shutil
from pathlib import Path

import pytest

from bot.knowledge.differences import compare
from bot.knowledge.parse import read_knowledge

PAGE = "safety/side-effects.md"


@pytest.fixture
def changed(knowledge, tmp_path, edit):
    """Edits a copy of the knowledge folder and compares the two."""

    def make(*edits: tuple[str, str, str]):
        copy = tmp_path / "copy" / "knowledge"
        shutil.copytree(knowledge, copy)
        for file, old, new in edits:
            edit(copy / file, old, new)
        return compare(read_knowledge(knowledge)[0], read_knowledge(copy)[0])

    return make


def test_equal_folders_do_not_differ(changed):
    assert not changed()


def test_a_reworded_statement_is_shown_before_and_after(changed):
    (change,) = changed((PAGE, "Heavy use can harm", "Frequent use may harm")).changed
    assert change.new.id == "safety/side-effects#bladder"
    assert change.removed == ("Heavy use can harm the bladder.",)
    assert change.added == ("Frequent use may harm the bladder.",)
    assert (change.uncited, change.cited, change.details) == ((), (), ())


def test_another_citation_is_told_apart_from_the_words(changed):
    (change,) = changed((PAGE, "bladder.[^two-2021]", "bladder.[^one-2020]")).changed
    assert (change.removed, change.added) == ((), ())
    assert (change.uncited, change.cited) == (("two-2021",), ("one-2020",))


def test_a_moved_mark_is_not_lost(changed):
    (change,) = changed((PAGE, "while.[^one-2020] Most", "while.[^two-2021] Most")).changed
    assert change.details == ("order, paragraphs or citation marks",)


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ("Can it harm the bladder?", "Is it bad for the bladder?", "heading"),
        ("- will my bladder hurt one\n", "", "questions"),
        ("Next: cost/prices#iv", "Next: effectiveness/ptsd#ptsd", "related"),
    ],
)
def test_what_else_changed_is_named(changed, old, new, detail):
    (change,) = changed((PAGE, old, new)).changed
    assert change.details == (detail,)


def test_a_new_review_date_changes_every_passage_of_its_page(changed):
    found = changed((PAGE, "review_by: 2027-05-31", "review_by: 2027-08-31"))
    assert [change.new.id for change in found.changed] == ["safety/side-effects#common", "safety/side-effects#bladder"]
    assert {change.details for change in found.changed} == {("review_by",)}


def test_a_renamed_passage_is_one_gone_and_one_new(changed):
    found = changed((PAGE, "{#bladder}", "{#urine}"))
    assert [p.id for p in found.added] == ["safety/side-effects#urine"]
    assert [p.id for p in found.removed] == ["safety/side-effects#bladder"]
    assert not found.changed


def test_sources_clinic_replies_and_vocabulary_are_compared(changed):
    found = changed(
        ("sources.yml", "A first paper", "The first paper"),
        ("sources.yml", "two-2021:", "three-2021:"),
        ("clinic.yml", "202-555-0142", "202-555-0199"),
        ("replies/en.yml", "Goodbye, and take care.", "Goodbye."),
        ("vocabulary.yml", "[ptsd, trauma]", "[ptsd]"),
    )
    assert (found.sources_added, found.sources_removed, found.sources_changed) == (
        ("three-2021",),
        ("two-2021",),
        ("one-2020",),
    )
    assert found.clinic_changed == ("phone",)
    assert found.replies_changed == ("en/goodbye",)
    assert found.vocabulary_changed == ("condition/ptsd",)


def test_the_json_form_is_complete(changed):
    found = changed((PAGE, "Heavy use can harm", "Frequent use may harm"), ("clinic.yml", "0142", "0199"))
    data = json.loads(json.dumps(found.as_dict()))
    assert data["passages_changed"][0]["statements_added"] == ["Frequent use may harm the bladder."]
    assert data["clinic_changed"] == ["phone"]
    assert data["passages_added"] == data["sources_changed"] == []


def test_a_folder_without_pages_differs_in_all_passages(knowledge, tmp_path):
    bare = tmp_path / "bare" / "knowledge"
    shutil.copytree(knowledge, bare, ignore=lambda folder, names: [n for n in names if Path(n).suffix == ".md"])
    found = compare(read_knowledge(bare)[0], read_knowledge(knowledge)[0])
    assert len(found.added) == 4
    assert len(compare(read_knowledge(knowledge)[0], read_knowledge(bare)[0]).removed) == 4
