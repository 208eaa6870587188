"""What a visitor writes is in no log line, whoever logs it."""

import logging
import sys

import pytest
import structlog

from bot.rasa.logs import configure_logging

MARKER = "xylophonemarker"


@pytest.fixture(autouse=True)
def configured():
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    configure_logging()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_an_exception_names_its_type_and_place_only(capsys):
    configure_logging()
    try:
        words = f"I am {MARKER}"
        raise ValueError(words)
    except ValueError:
        logging.getLogger("bot.any").exception("the reply could not be made")
    shown = capsys.readouterr().err
    assert MARKER not in shown
    assert "the reply could not be made" in shown
    assert "ValueError at " in shown
    assert "test_logs.py" in shown


def test_fields_of_rasas_events_are_dropped(capsys):
    configure_logging()
    structlog.get_logger().error("processor.message.failed", text=MARKER, sender_id=MARKER, exc_info=False)
    shown = capsys.readouterr().err
    assert "processor.message.failed" in shown
    assert MARKER not in shown


@pytest.mark.parametrize("name", ["rasa.core.processor", "sanic.root", "sanic.access", "bot.any"])
def test_what_is_not_a_warning_is_not_logged(capsys, name):
    configure_logging()
    logging.getLogger(name).info("a message: %s", MARKER)
    logging.getLogger(name).debug("a message: %s", MARKER)
    assert capsys.readouterr().err == ""


def test_a_nested_exception_is_as_silent(capsys):
    configure_logging()
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as error:
            raise RuntimeError(MARKER) from error
    except RuntimeError:
        logging.getLogger("bot.any").error("failed", exc_info=sys.exc_info())
    assert MARKER not in capsys.readouterr().err
