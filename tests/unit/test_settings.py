import dataclasses
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.runtime import Runtime
from bot.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]


def test_nothing_set_gives_the_defaults():
    assert read_settings({}) == Settings()


def test_each_setting_is_read_from_its_variable():
    values = {"KNOWLEDGE": "/k", "BUILD": "/b", "MODELS": "/m", "EXAMPLES": "/e", "ENCODER": "/x", "DEADLINE": "2.5"}
    settings = read_settings({f"FAQBOT_{name}": value for name, value in values.items()})
    assert (settings.knowledge, settings.build, settings.models) == (Path("/k"), Path("/b"), Path("/m"))
    assert (settings.examples, settings.encoder, settings.deadline) == (Path("/e"), "/x", 2.5)


def test_an_empty_variable_is_as_good_as_none():
    assert read_settings({f"FAQBOT_{f.name.upper()}": "" for f in dataclasses.fields(Settings)}) == Settings()


@pytest.mark.parametrize(("name", "needed"), [("DEADLINE", "a number"), ("PROXIES", "a whole number")])
def test_a_value_that_cannot_be_read_names_its_variable(name, needed):
    with pytest.raises(UsageError, match=f"FAQBOT_{name}='soon': {needed} is needed"):
        read_settings({f"FAQBOT_{name}": "soon"})


def test_examples_that_were_set_must_be_there(tmp_path):
    with pytest.raises(UsageError, match="FAQBOT_EXAMPLES=.*nowhere.jsonl: no such file"):
        _ = Runtime(Settings(examples=tmp_path / "nowhere.jsonl")).store


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_times_and_rates_are_above_nothing_and_end(value):
    with pytest.raises(UsageError, match="FAQBOT_MESSAGES_PER_MINUTE='.*': a number above 0 is needed"):
        read_settings({"FAQBOT_MESSAGES_PER_MINUTE": value})


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [("MESSAGES_PER_MINUTE", "0.5", 1), ("MESSAGES_PER_MINUTE_ADDRESS", "0.9", 1), ("PROXIES", "-1", 0)],
)
def test_what_would_let_nobody_write_is_refused(name, value, least):
    with pytest.raises(UsageError, match=f"FAQBOT_{name}='{value}': at least {least} is needed"):
        read_settings({f"FAQBOT_{name}": value})


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().deadline = 1.0


def test_other_variables_are_ignored():
    assert read_settings({"FAQBOT_OTHER": "x", "DEADLINE": "1"}) == Settings()


def test_every_setting_is_described():
    for field in dataclasses.fields(Settings):
        assert f"{field.name}:" in Settings.__doc__
