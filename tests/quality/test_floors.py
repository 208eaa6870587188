"""The report parts must not fall below what was measured and written down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.bounds import BOUNDS
from bot.evaluation.report import BASELINES, COMPARED, FIGURES, PAGE, write_report

pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the figures of one other system, as `faqbot eval baselines` leaves them."""
    folder: Path = tmp_path_factory.mktemp("eval")
    found = {key: {"hits": 1, "of": 1} for key in COMPARED}
    sets = {"evaluation/questions/report.jsonl": {"other_system": found}, "evaluation/questions/tune.jsonl": {}}
    (folder / BASELINES).write_text(json.dumps({"sets": sets}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def figures(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    return write_report("report", folder, print)


@pytest.mark.parametrize(("section", "name"), [(section, name) for section in BOUNDS for name in BOUNDS[section]])
def test_quality_holds(figures: Mapping[str, Mapping[str, Any]], section: str, name: str) -> None:
    lowest, highest = BOUNDS[section][name]
    assert lowest <= figures[section][name] <= highest


def test_the_page_is_written_beside_its_figures(figures: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert all(section in page for section in figures)
    assert "<th>other system" in page
    assert page.count("n=1)") == len(COMPARED)
    assert (folder / FIGURES).is_file()
