"""`conformance explain` and `conformance requirements`."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.requirements import registry


def test_every_requirement_can_be_explained(conformance: Callable[..., Any]) -> None:
    ended = conformance("explain", *registry().rows)
    heads = [text.splitlines()[0] for text in ended.out.split("\n\n")]
    assert ended.status == 0
    assert heads == [f"{row.id} ({row.level}) {row.text}" for row in registry()]


def test_an_explanation_says_what_how_and_whence(conformance: Callable[..., Any]) -> None:
    lines = conformance("explain", "rest-auth-01").out.splitlines()
    row = registry()["REST-AUTH-01"]
    assert [line.split()[0] for line in lines[1:]] == [
        "area", "profiles", "needs", "provoke", "observe", "source", "phaseo", "judged", "fault",
    ]  # fmt: skip
    assert row.fault is not None
    assert lines[-1].endswith(f"conformance mock --fault {row.fault.name}")
    lines = conformance("explain", "sdk-args-02").out.splitlines()
    target = "--adapter conformance.adapters.faults:drops_session_id"
    assert lines[-1] == f"fault     drops-session-id: {target}"


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ((), lambda row: True),
        (("--family", "rest", "--level", "MAY"), lambda r: (r.family, r.level) == ("rest", "MAY")),
        (("--profile", "openai"), lambda row: "openai" in row.profiles),
    ],
)
def test_the_list_has_one_line_for_each_requirement(
    arguments: tuple[str, ...], kept: Callable[[Any], bool], conformance: Callable[..., Any]
) -> None:
    ended = conformance("requirements", *arguments)
    ids = [line.split()[0] for line in ended.out.splitlines()]
    assert ids == [row.id for row in registry() if kept(row)]
