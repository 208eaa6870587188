from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.knowledge.parse import read_knowledge
from bot.knowledge.stale import PRICE_DAYS, find_stale
from bot.safety.resources import STALE_AFTER_DAYS, Region

REVIEW_BY = date(2027, 5, 31)
PRICED = date(2026, 11, 22)


def region(verified: date | None) -> Region:
    line = {
        "id": "lifeline",
        "for": ["personal"],
        "label": {"en": "A line"},
        "action": "call",
        "value": "988",
        "hours": {"en": "always"},
        "languages": ["en"],
        "verified": verified,
    }
    return Region("us", "United States", (line,), {"en": {}})


@pytest.fixture
def base(knowledge):
    return read_knowledge(knowledge)[0]


@pytest.fixture
def stale_on(base):
    """What is stale on a day, with help lines verified on that day and no prices unless the test says otherwise."""

    def find(today, verified="today", prices=False, **more):
        knowledge = base if prices else replace(base, clinic=replace(base.clinic, prices=()))
        return find_stale(knowledge, region(today if verified == "today" else verified), today, **more)

    return find


def test_a_page_is_told_soon_before_and_after_its_date(stale_on):
    assert stale_on(REVIEW_BY - timedelta(days=31)) == []
    soon = stale_on(REVIEW_BY - timedelta(days=30))
    assert [s.overdue for s in soon] == [False] * 3
    assert not any(s.overdue for s in stale_on(REVIEW_BY))
    late = stale_on(REVIEW_BY + timedelta(days=1))
    assert all(s.overdue for s in late)
    assert {s.file for s in late} == {
        "knowledge/safety/side-effects.md",
        "knowledge/cost/prices.md",
        "knowledge/effectiveness/ptsd.md",
    }
    assert "2 passages was due for review on 2027-05-31" in next(str(s) for s in late if "side-effects" in s.file)


def test_the_days_ahead_can_be_chosen(stale_on):
    assert stale_on(REVIEW_BY - timedelta(days=5), soon=4) == []
    assert len(stale_on(REVIEW_BY - timedelta(days=5), soon=5)) == 3


def test_a_price_is_stale_after_half_a_year(stale_on):
    last = PRICED + timedelta(days=PRICE_DAYS)
    assert not [s for s in stale_on(last, prices=True, soon=0) if s.kind == "price"]
    late = [s for s in stale_on(last + timedelta(days=1), prices=True, soon=0) if s.kind == "price"]
    assert [s.name for s in late] == ["First evaluation", "IV ketamine session"]
    assert late[0].due == last
    assert late[0].file == "knowledge/clinic.yml"


def test_a_help_line_is_stale_when_never_or_not_lately_verified(stale_on):
    today = date(2026, 12, 1)
    assert stale_on(today, verified=today - timedelta(days=STALE_AFTER_DAYS)) == []
    (late,) = stale_on(today, verified=today - timedelta(days=STALE_AFTER_DAYS + 1))
    assert (late.kind, late.name, late.overdue) == ("help line", "lifeline", True)
    assert late.due == today - timedelta(days=1)
    (never,) = stale_on(today, verified=None)
    assert never.due is None
    assert "never verified" in str(never)
    assert str(never).startswith("bot/safety/regions/us.yml: ")


def test_what_is_overdue_longest_comes_first_and_what_is_soon_last(stale_on):
    found = stale_on(REVIEW_BY, verified=None, prices=True)
    assert [s.kind for s in found] == ["help line", "price", "price", "passages", "passages", "passages"]
