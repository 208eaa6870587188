import re
from datetime import date, timedelta

import pytest

from bot.errors import UsageError
from bot.safety.gate import DISTRESS, STOPS
from bot.safety.resources import FOLDER, STALE_AFTER_DAYS, load_region

REGIONS = sorted(path.stem for path in FOLDER.glob("*.yml"))
# The numbers that a person in danger needs, as the regions' own authorities publish them.
EMERGENCY = {"us": "911", "ca": "911", "uk": "999", "ie": "112", "au": "000", "nz": "111"}
LIFELINE = {"us": "988", "ca": "988", "uk": "116123", "ie": "116123", "au": "131114", "nz": "1737"}

every_region = pytest.mark.parametrize("name", REGIONS)
every_purpose = pytest.mark.parametrize("purpose", [*STOPS, DISTRESS])
every_language = pytest.mark.parametrize("language", ["en", "es"])


def test_the_promised_regions_are_there():
    assert set(REGIONS) >= set(EMERGENCY)


@every_region
@every_purpose
@every_language
def test_every_kind_of_danger_has_a_line_to_a_person(name, purpose, language):
    resources = load_region(name).resources(purpose, language)
    assert any(resource.action == "call" for resource in resources)
    assert all(resource.label and resource.shown and resource.hours for resource in resources)


@every_region
def test_each_link_opens_what_it_says(name):
    for resource in load_region(name).all_resources():
        scheme, _, target = resource.href.partition(":")
        assert scheme == {"call": "tel", "text": "sms", "chat": "https"}[resource.action]
        if scheme == "https":
            assert resource.value.split("/")[0] in target
        else:
            dialled = re.split(r"[,?]", target)[0]
            assert dialled == re.sub(r"\D", "", resource.value)
            assert dialled in re.sub(r"[^\d\n]", "", resource.shown) or resource.href == f"{scheme}:{dialled}"


@every_region
def test_the_numbers_are_those_of_the_region(name):
    region = load_region(name)
    dialled = {re.sub(r"\D", "", r.value) for r in region.all_resources()}
    assert {EMERGENCY[name], LIFELINE[name]} <= dialled
    assert all(EMERGENCY[name] in words["emergency"] for words in region.phrases.values())


@pytest.mark.parametrize("name", [name for name in REGIONS if name not in ("us", "ca")])
def test_no_american_number_is_shown_elsewhere(name):
    region = load_region(name)
    shown = [r.shown + r.label for r in region.all_resources()] + [
        w for ws in region.phrases.values() for w in ws.values()
    ]
    assert not [words for words in shown if re.search(r"\b(911|988|741741|838255|1-8\d\d-)", words)]


@every_region
def test_danger_to_life_names_emergency_services_first(name):
    region = load_region(name)
    for purpose in ("imminent", "emergency"):
        assert re.sub(r"\D", "", region.resources(purpose, "en")[0].value) == EMERGENCY[name]


@every_region
def test_ids_are_unique_and_verified_days_are_known(name):
    resources = load_region(name).all_resources()
    assert len({r.id for r in resources}) == len(resources)
    assert all(r.verified is None or isinstance(r.verified, date) for r in resources)


@every_region
@every_language
def test_every_phrase_is_there_in_every_language(name, language):
    words = load_region(name).words(language)
    assert set(words) >= {"emergency", "hospital", "reach", "free", "poison", "violence", "more"}
    assert all(words[key].strip() for key in ("emergency", "hospital", "reach", "poison", "violence"))


def test_a_number_is_stale_once_nobody_has_verified_it_for_long():
    resource = load_region("us").resources("personal", "en")[0]
    assert resource.verified
    assert not resource.is_stale(resource.verified + timedelta(days=STALE_AFTER_DAYS))
    assert resource.is_stale(resource.verified + timedelta(days=STALE_AFTER_DAYS + 1))


@pytest.mark.parametrize("name", ["", "xx", "usa", "../us", "US"])
def test_an_unknown_region_is_named_with_those_that_are_known(name):
    with pytest.raises(UsageError, match="use one of au, ca"):
        load_region(name)
