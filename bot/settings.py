"""Every setting in one place: read once from the environment, checked, and never changed after.

`docs/settings.md` lists them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bot.errors import UsageError

PREFIX = "FAQBOT_"
MODEL = "faqbot"


# Settings of which less than one would let nobody write.
RATES = ("messages_per_minute", "messages_per_minute_address")
_NUMBERS = {int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Settings:
    """The settings; each is read from the environment variable FAQBOT_<NAME>.

    Attributes:
        knowledge: folder of the knowledge files.
        build: folder of everything that is built: encoder and snapshots.
        models: folder of Rasa's models.
        examples: questions with their passages that the search learns from, beside those of the passages.
        encoder: `all-MiniLM-L6-v2`, or a folder with another sentence-transformers model.
        deadline: seconds after which a visitor gets an apology instead of waiting on.
        reload: seconds between two looks at the knowledge files.
        language: language of the clinic's knowledge.
        data: folder of what the running server keeps.
        embed_on: sites that may show the chat beside those of clinic.yml, separated by spaces.
        web_secret: key that signs conversation tokens; where empty, one is made at the first start and kept in `data`.
        token_hours: how long a conversation token holds.
        idle_minutes: after so long without a message the browser forgets a conversation.
        messages_per_minute: how many messages one conversation may send.
        messages_per_minute_address: how many requests one address may send; a clinic's visitors may share one.
        proxies: how many reverse proxies stand before the server, for the visitors' addresses.
    """

    knowledge: Path = Path("knowledge")
    build: Path = Path("build")
    models: Path = Path("models")
    examples: Path = Path("evaluation/questions/train.jsonl")
    encoder: str = "all-MiniLM-L6-v2"
    deadline: float = 8.0
    reload: float = 1.0
    language: str = "en"
    data: Path = Path("var")
    embed_on: str = ""
    web_secret: str = ""
    token_hours: float = 12.0
    idle_minutes: float = 30.0
    messages_per_minute: float = 20.0
    messages_per_minute_address: float = 120.0
    proxies: int = 0

    @property
    def model(self) -> Path:
        """The file of Rasa's model."""
        return self.models / f"{MODEL}.tar.gz"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; an empty variable is as good as none.

    Raises:
        UsageError: a value cannot be read as what the setting is, or is a time or a rate that is too small.
    """
    known = {f"{PREFIX}{f.name.upper()}": f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for name, field in known.items():
        raw = environment.get(name)
        if not raw:
            continue
        kind: type[Any] = Path if isinstance(field.default, Path) else type(field.default)
        try:
            values[field.name] = kind(raw)
        except ValueError as error:
            raise UsageError(f"{name}={raw!r}: {_NUMBERS[kind]} is needed: correct it or unset it") from error
        if kind is float and not 0 < values[field.name] < math.inf:
            raise UsageError(f"{name}={raw!r}: a number above 0 is needed: correct it or unset it")
        least = 1 if field.name in RATES else 0
        if kind in (int, float) and values[field.name] < least:
            raise UsageError(f"{name}={raw!r}: at least {least} is needed: correct it or unset it")
    return Settings(**values)
