"""What published SDKs break: the reports of runs against the table, and the table against the page.

`tox -e sdk-phaseo,sdk-ai-stats,sdk-openai,sdk-openai-node` make the runs.
"""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements import registry

TABLE = tomllib.loads((Path(__file__).parent / "sdks.toml").read_text("utf-8"))
PAGE = Path(__file__).parents[2] / "docs/peers/sdks.md"
REPORTS = [one for one in os.environ.get("CONFORMANCE_SDK_REPORTS", "").split(os.pathsep) if one]
BROKEN = {"fail": "MUST", "warn": "SHOULD", "info": "MAY"}


@pytest.mark.skipif(not REPORTS, reason="CONFORMANCE_SDK_REPORTS names no report of a run")
@pytest.mark.parametrize("path", REPORTS)
def test_a_run_breaks_what_the_table_says(path: str) -> None:
    report = json.loads(Path(path).read_text("utf-8"))
    sdk = report["target"]["name"].partition(" (")[0]
    assert found_in(report) == TABLE[sdk][report["profile"]]


def found_in(report: dict[str, Any]) -> dict[str, list[str]]:
    """The ids of requirements of SDKs that are not kept, by level."""
    found: dict[str, list[str]] = {}
    for row in report["requirements"]:
        if row["family"] == "sdk" and row["verdict"] in {*BROKEN, "error"}:
            level = BROKEN.get(row["verdict"], "error")
            found.setdefault(level, []).append(row["id"].removeprefix("SDK-"))
    return {level: sorted(ids) for level, ids in found.items()}


def rows() -> list[tuple[str, str, str]]:
    """SDK with profile, level and id of everything in the table."""
    return [
        (f"{sdk} {profile}", level, f"SDK-{one}")
        for sdk, profiles in TABLE.items()
        for profile, levels in profiles.items()
        for level, ids in levels.items()
        for one in ids
    ]


def test_the_table_has_ids_of_the_registry_with_their_levels() -> None:
    known = registry()
    assert [row for row in rows() if str(known[row[2]].level) != row[1]] == []


def test_the_page_explains_every_id_of_the_table() -> None:
    page = PAGE.read_text("utf-8")
    ids = {one.removeprefix("SDK-") for _, _, one in rows()}
    assert sorted(one for one in ids if not re.search(rf"\b{one}\b", page)) == []
