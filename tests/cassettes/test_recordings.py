"""The recordings of the real gateway are judged exactly as recordings.toml says."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from conformance.cassette_format import Cassette
from conformance.cassettes import load_all
from conformance.checks import judge
from conformance.requirements import registry
from conformance.resources import cassettes_dir
from conformance.tables import label_of

PINNED = tomllib.loads(Path(__file__).with_name("recordings.toml").read_text("utf-8"))
PEER = Path(__file__).parents[2] / "docs" / "peers" / "ai-stats-gateway.md"
PROFILE = "ai-stats"


@pytest.fixture(scope="module")
def cassettes() -> dict[str, Cassette]:
    loaded = load_all([cassettes_dir() / PROFILE])
    return {cassette.transcript.scenario: cassette for cassette in loaded}


def broken_in(cassette: Cassette) -> dict[str, list[str]]:
    known = registry()
    rows = {row.id: row for row in known.masters(PROFILE) if not known.is_pending(row)}
    by_level = defaultdict(list)
    for requirement, judgement in judge([cassette.transcript], rows.values(), PROFILE).items():
        assert judgement.crash is None
        if judgement.broken:
            by_level[rows[requirement].level.value].append(requirement)
    return dict(by_level)


def pinned_ids() -> set[str]:
    return {one for levels in PINNED.values() for ids in levels.values() for one in ids}


def told_levels() -> list[tuple[str, str]]:
    """The ids and levels in the table of the page."""
    row = r"^\| ((?:[A-Z]+-)+[0-9]+) \| ([A-Z]+) \|"
    return re.findall(row, PEER.read_text("utf-8"), re.MULTILINE)


def recordings_of(requirement: str) -> list[str]:
    return [
        scenario
        for scenario, levels in PINNED.items()
        if any(requirement in ids for ids in levels.values())
    ]


def test_every_recording_is_pinned(cassettes: dict[str, Cassette]) -> None:
    assert sorted(cassettes) == sorted(PINNED)


@pytest.mark.parametrize("scenario", sorted(PINNED))
def test_a_recording_breaks_exactly_what_is_pinned(
    cassettes: dict[str, Cassette], scenario: str
) -> None:
    assert broken_in(cassettes[scenario]) == PINNED[scenario]


def test_the_recordings_name_their_target_and_profile(cassettes: dict[str, Cassette]) -> None:
    names = {(cassette.target["kind"], cassette.target["name"]) for cassette in cassettes.values()}
    assert names == {
        ("recording", "ai-stats gateway, revision A (bare)"),
        ("recording", "ai-stats gateway, revision A (busy)"),
    }
    assert {cassette.profile for cassette in cassettes.values()} == {PROFILE}


def test_only_the_concurrent_reads_overlap(cassettes: dict[str, Cassette]) -> None:
    overlapping = [
        (scenario, number)
        for scenario, cassette in cassettes.items()
        for number, one in cassette.transcript.exchanges
        for _, other in cassette.transcript.exchanges
        if one is not other and other.at_ms <= one.at_ms < other.ended_at_ms
    ]
    assert sorted(set(overlapping)) == [("concurrent_settlement", n) for n in range(6, 11)]


def test_the_page_about_the_gateway_explains_every_pinned_id_and_no_other() -> None:
    explained = [requirement for requirement, _ in told_levels()]
    assert sorted(explained) == sorted(pinned_ids())


def test_the_page_names_the_recordings_of_each_id_or_how_many_they_are() -> None:
    rows = [line.strip("| ").split(" | ") for line in PEER.read_text("utf-8").splitlines()]
    told = {row[0]: row[3] for row in rows if row[0] in pinned_ids()}
    for requirement, cell in told.items():
        pinned = recordings_of(requirement)
        named = re.findall(r"`([a-z_]+)`", cell)
        assert named == pinned or cell.startswith(f"{len(pinned)} recordings: ")


def test_the_page_tells_the_level_of_each_id() -> None:
    assert dict(told_levels()) == {one: registry()[one].level.value for one in pinned_ids()}


def test_labels_of_recordings_that_name_a_case_name_one_of_the_registry(
    cassettes: dict[str, Cassette],
) -> None:
    known = {label_of(row, case) for row in registry() for case in row.table}
    labels = {
        exchange.label or ""
        for cassette in cassettes.values()
        for _, exchange in cassette.transcript.exchanges
    }
    named = {label for label in labels if label.startswith("REST-")}
    assert named <= known
    assert named
