"""Help lines by region: one reviewed file a region in `regions/`, chosen by `region:` in clinic.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import UsageError

FOLDER = Path(__file__).parent / "regions"
DEFAULT_REGION = "us"
# A number that nobody has verified for this long is reported by `faqbot knowledge stale`.
STALE_AFTER_DAYS = 90

_ACTIONS = {"call": "tel", "text": "sms", "chat": "https"}


@dataclass(frozen=True)
class Resource:
    """One way to reach help. `href` opens it on a phone; `shown` is what to read where links do not work."""

    id: str
    label: str
    action: str
    value: str
    href: str
    shown: str
    hours: str
    languages: tuple[str, ...]
    verified: date | None

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "label": self.label,
            "action": self.action,
            "value": self.value,
            "shown": self.shown,
            "href": self.href,
            "hours": self.hours,
            "languages": list(self.languages),
        }

    def is_stale(self, today: date) -> bool:
        """Whether it was never verified, or too long ago."""
        return self.verified is None or (today - self.verified).days > STALE_AFTER_DAYS


@dataclass(frozen=True)
class Region:
    """The help lines of one region and the words that name them, in each language it has them in."""

    id: str
    name: str
    entries: tuple[Mapping[str, Any], ...]
    phrases: Mapping[str, Mapping[str, str]]

    def resources(self, purpose: str, language: str) -> tuple[Resource, ...]:
        """The resources for a purpose, in the order of the file: what fits most people first.

        Args:
            purpose: `imminent`, `personal`, `third_party`, `harm_to_others`, `emergency` or `distress`.
            language: `en` or `es`; labels fall back to English.
        """
        return tuple(_resource(entry, language) for entry in self.entries if purpose in entry["for"])

    def words(self, language: str) -> Mapping[str, str]:
        """The phrases that the fixed texts name this region's help with, English where the language has none."""
        return {**self.phrases["en"], **self.phrases.get(language, {})}

    def all_resources(self) -> tuple[Resource, ...]:
        """Every resource, labelled in English."""
        return tuple(_resource(entry, "en") for entry in self.entries)


@cache
def load_region(region: str) -> Region:
    """Reads `regions/<region>.yml`.

    Raises:
        UsageError: there is no such region.
    """
    path = FOLDER / f"{region}.yml"
    if not re.fullmatch(r"[a-z]{2}", region) or not path.is_file():
        known = ", ".join(sorted(p.stem for p in FOLDER.glob("*.yml")))
        raise UsageError(f"clinic.yml: region '{region}' is not known: use one of {known}")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Region(region, data["name"], tuple(data["resources"]), data["phrases"])


def _resource(entry: Mapping[str, Any], language: str) -> Resource:
    def said(value: Any) -> str:
        return str(value.get(language) or value["en"]) if isinstance(value, dict) else str(value)

    action, value = entry["action"], said(entry["value"])
    href = (
        entry.get("href")
        or {"call": f"tel:{dialled(value)}", "text": f"sms:{dialled(value)}", "chat": f"https://{value}"}[action]
    )
    assert href.split(":", 1)[0] == _ACTIONS[action]
    return Resource(
        id=entry["id"],
        label=said(entry["label"]),
        action=action,
        value=value,
        href=href,
        shown=said(entry.get("shown", value)),
        hours=said(entry["hours"]),
        languages=tuple(entry["languages"]),
        verified=entry["verified"],
    )


def dialled(number: str) -> str:
    """What of a number as people read it a phone dials."""
    return re.sub(r"[^+0-9]", "", number)
