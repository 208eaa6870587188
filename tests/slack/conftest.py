from collections.abc import Iterator

import pytest
from connected import Connected, connect
from standin import Sender, Slack


@pytest.fixture(scope="session")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """The bot that most tests talk to; nobody is told to write more slowly."""
    with connect(tmp_path_factory.mktemp("connected"), FAQBOT_MESSAGES_PER_MINUTE_ADDRESS="6000") as connected:
        yield connected


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connected]:
    """A bot whose Rasa is always too late."""
    with connect(tmp_path_factory.mktemp("failing"), late=True, FAQBOT_DEADLINE="0.2") as connected:
        yield connected


@pytest.fixture
def slack(connected: Connected) -> Slack:
    """The stand-in with nothing posted yet and nothing wrong with it."""
    slack = connected.slack
    slack.forget()
    return slack


@pytest.fixture
def sender(connected: Connected) -> Sender:
    """What delivers to the bot."""
    return Sender(connected.url)
