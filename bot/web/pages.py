"""The pages of the chat: the demo page of a clinic, the page inside the frame, and the loader that a clinic embeds.

All are made from `clinic.yml`, the region's help lines and one file of words a language, `strings/<language>.yml`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from bot.knowledge.model import DEFAULT_LANGUAGE, Clinic
from bot.safety.gate import STOPS
from bot.safety.resources import Resource, dialled, load_region
from bot.web.assets import Asset, Assets
from bot.web.feedback import REASONS

STRINGS = Path(__file__).parent / "strings"
LANGUAGES = tuple(sorted(path.stem for path in STRINGS.glob("*.yml")))
MAX_CHARACTERS = 1000
# Seconds until the widget says that it is still working, and until it stops waiting; the server's own clock is shorter.
STILL_WORKING, GIVE_UP = 3, 12

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def language_of(wanted: str | None) -> str:
    """The language of the pages that fits a tag such as `es-MX` best.

    >>> language_of("es-MX"), language_of("fr"), language_of(None)
    ('es', 'en', 'en')
    """
    primary = (wanted or "").lower().split("-")[0]
    return primary if primary in LANGUAGES else DEFAULT_LANGUAGE


@cache
def strings(language: str) -> Mapping[str, Any]:
    """The words of a language."""
    return dict(yaml.safe_load((STRINGS / f"{language}.yml").read_text(encoding="utf-8")))


class Pages:
    """Renders the pages of one clinic.

    Args:
        clinic: the facts.
        assets: the static files.
        idle_minutes: after so long without a message the browser forgets a conversation.
    """

    def __init__(self, clinic: Clinic, assets: Assets, idle_minutes: float) -> None:
        self._clinic = clinic
        self._assets = assets
        self._idle_minutes = idle_minutes

    def config(self, language: str) -> dict[str, Any]:
        """Everything that the widget shows before its first message, so that none of it needs the server again."""
        words = strings(language)
        clinic = self._clinic
        return {
            "language": language,
            "direction": words["direction"],
            "clinic": {
                "name": clinic.name,
                "phone": clinic.phone,
                "after_hours": clinic.after_hours,
                "email": clinic.email,
                "booking": clinic.booking_url,
                "hours": list(clinic.hours),
            },
            "help": [resource.as_dict() for resource in self._help(language)],
            "limits": {
                "characters": MAX_CHARACTERS,
                "idle_minutes": self._idle_minutes,
                "still_working": STILL_WORKING,
                "give_up": GIVE_UP,
            },
            "reasons": list(REASONS),
            "strings": words["widget"],
        }

    def widget(self, language: str) -> Asset:
        """The page inside the frame. What it says in HTML stands there for a browser that does not run its script."""
        config = self.config(language)
        return self._page("widget.html", config=config, words=words_for(config), script=self._assets.name("element.js"))

    def chat(self, language: str, origin: str) -> Asset:
        """The demo page: a clinic's page with the widget on it and the line that embeds it."""
        return self._page(
            "chat.html",
            clinic=self._clinic,
            phone_href=f"tel:{dialled(self._clinic.phone)}",
            page=strings(language)["page"],
            direction=strings(language)["direction"],
            language=language,
            languages={name: strings(name)["language"] for name in LANGUAGES},
            snippet=f'<script async src="{origin}/widget.js"></script>',
            booking=web_address(self._clinic.booking_url),
            icon=self._assets.name("icon.svg"),
            css=self._assets.name("chat.css"),
            script=self._assets.name("chat.js"),
        )

    def loader(self) -> Asset:
        """The script that a clinic embeds, with the help lines in it for when nothing else can be loaded."""
        words = {}
        for language in LANGUAGES:
            said = strings(language)
            lines = [[f"{r.label}: {r.shown}", r.href] for r in self._help(language)]
            clinic = [f"{self._clinic.name}: {self._clinic.phone}", f"tel:{dialled(self._clinic.phone)}"]
            words[language] = {**said["loader"], "lines": [*lines, clinic]}
        script = self._assets.file("widget.js").body.decode()
        return Asset(
            script.replace('"__WORDS__"', json.dumps(words, ensure_ascii=False, separators=(",", ":"))).encode(),
            "application/javascript",
        )

    def _help(self, language: str) -> list[Resource]:
        """Every help line of the region once, in the order of its file."""
        region = load_region(self._clinic.region)
        lines: dict[str, Resource] = {}
        for line in (line for purpose in STOPS for line in region.resources(purpose, language)):
            lines.setdefault(line.href, line)
        order = [line.href for line in region.all_resources()]
        return sorted(lines.values(), key=lambda line: order.index(line.href))

    def _page(self, template: str, **values: Any) -> Asset:
        return Asset(_templates.get_template(template).render(**values).encode(), "text/html")


def web_address(text: str) -> str:
    """The address if a page may link to it, else nothing: a script's address is none."""
    return text if text.startswith(("https://", "http://")) else ""


def words_for(config: Mapping[str, Any]) -> dict[str, str]:
    """The words of the frame's page that hold the clinic's name."""
    return {
        key: text.replace("{clinic}", config["clinic"]["name"])
        for key, text in config["strings"].items()
        if isinstance(text, str)
    }
