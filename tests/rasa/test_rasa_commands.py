"""What Rasa's own commands need of a checkout in which nothing was set."""

import os
import subprocess
import sys
from pathlib import Path

from rasa.core.run import create_http_input_channels

from bot.rasa.channels.slack import VARIABLES, SlackChannel

ROOT = Path(__file__).parents[2]


def test_channels_load_without_any_secret_and_slack_is_off(monkeypatch, tmp_path):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FAQBOT_DATA", str(tmp_path))
    channels = create_http_input_channels(None, str(ROOT / "credentials.yml"))
    assert [channel.name() for channel in channels] == ["rest", "web", "slack"]
    assert not next(c for c in channels if isinstance(c, SlackChannel)).is_on


def test_telemetry_is_off_in_each_command_of_the_environment():
    environment = {name: value for name, value in os.environ.items() if name != "RASA_TELEMETRY_ENABLED"}
    script = "from rasa.telemetry import is_telemetry_enabled; print(is_telemetry_enabled())"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "False"
