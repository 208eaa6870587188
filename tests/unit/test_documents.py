"""What the documents say is what the program does: settings, fields of a reply, metrics, the notation of a passage."""

import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from bot.answering.reply import KINDS, Citation, Reply
from bot.knowledge.check import MAX_WORDS, MIN_QUESTIONS
from bot.knowledge.model import Passage, Source
from bot.knowledge.parse import read_knowledge
from bot.rasa_environment import _FORCED
from bot.safety.gate import STOPS
from bot.safety.resources import Resource
from bot.settings import PREFIX, Settings

DOCS = Path("docs")
README = Path("knowledge/README.md").read_text(encoding="utf-8")


def rows(document: str) -> dict[str, list[str]]:
    """The rows of all tables of a document by their first cell."""
    lines = (DOCS / document).read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    return {row[0].strip(): row[1:] for row in cells}


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda f: f.name)
def test_every_setting_is_listed_with_its_default(setting):
    listed = rows("settings.md")[f"`{PREFIX}{setting.name.upper()}`"]
    assert listed[0] == (f"`{setting.default}`" if str(setting.default) else "empty")


def test_no_other_setting_is_listed():
    listed = set(re.findall(rf"{PREFIX}[A-Z_]+", (DOCS / "settings.md").read_text()))
    assert listed == {f"{PREFIX}{f.name.upper()}" for f in fields(Settings)}


def test_what_is_always_set_is_listed():
    text = (DOCS / "settings.md").read_text()
    assert all(f"`{name}={value}`" in text for name, value in _FORCED.items())


def test_the_reply_format_names_every_field_of_a_reply():
    day = date(2026, 11, 22)
    passage = Passage("a#b", "f", 1, "en", "safety", "h", (), (), (), (), day, day, "r")
    resource = Resource("i", "l", "call", "1", "tel:1", "call 1", "always", ("en",), day)
    citation = Citation(1, Source("s", "t", "p", 2020, "https://x", "paper", "all"), passage)
    custom = Reply("answer", (), (citation,), (resource,)).as_custom()
    text = (DOCS / "reply-format.md").read_text()
    example = text.split("```json")[1].split("```")[0]
    inner = [custom["citations"][0], custom["citations"][0]["passage"], custom["resources"][0]]
    names = [name for part in (custom, *inner) for name in part]
    assert not [name for name in names if f'"{name}"' not in example]
    assert not [name for name in custom if f"`{name}`" not in rows("reply-format.md")]


def test_the_reply_format_names_every_kind_and_tier():
    listed = rows("reply-format.md")
    assert not [kind for kind in KINDS if f"`{kind}`" not in listed]
    text = (DOCS / "reply-format.md").read_text()
    assert not [label for label in STOPS if f"`{label}`" not in text]


def test_the_metrics_to_watch_exist():
    from bot.rasa import metrics

    named = {re.match(r"`(\w+)", name)[1] for name in rows("deployment.md") if name.startswith("`faqbot_")}
    assert named == {
        family.name + ("_total" if family.type == "counter" else "") for family in metrics.REGISTRY.collect()
    }


def test_the_guide_shows_a_passage_that_the_bot_reads(knowledge):
    blocks = re.findall(r"```(?:markdown|yaml)\n(.*?)```", README, re.S)
    page = blocks[1] + "\n" + blocks[0]
    (knowledge / "aftercare").mkdir()
    (knowledge / "aftercare/guide.md").write_text(page, encoding="utf-8")
    base, problems = read_knowledge(knowledge)
    assert problems == []
    passage = base.by_id["aftercare/guide#drive"]
    assert len(passage.questions) == 3
    shipped = read_knowledge(Path("knowledge"))[0]
    assert {name for s in passage.statements for name in s.sources} <= set(shipped.sources)
    assert set(passage.related) <= set(shipped.by_id)


def test_the_guide_is_one_page_and_names_the_limits():
    assert len(README.splitlines()) <= 80
    assert f"Up to {MAX_WORDS} words" in README
    assert MIN_QUESTIONS == 10
    assert "at least ten ways of asking" in README


def test_links_between_documents_lead_somewhere():
    broken = []
    for page in [Path("knowledge/README.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page}: {target}")
    assert broken == []
