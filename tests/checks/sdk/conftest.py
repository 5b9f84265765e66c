"""What is broken by the steps of one transcript, of all that is asked of SDKs."""

from typing import Any, Protocol

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import transcript
from conformance.testing_sdk import Said, sdk
from conformance.transcript import Step


class Broken(Protocol):
    def __call__(self, steps: list[Step], profile: str = ...) -> set[str]: ...


@pytest.fixture
def broken() -> Broken:
    """The ids that are broken, without their family; a crash fails the test."""

    def look(steps: list[Step], profile: str = "ai-stats") -> set[str]:
        rows = [row for row in registry().masters(profile) if row.family == "sdk"]
        judgements = judge([transcript(*steps)], rows, profile)
        assert [one.crash for one in judgements.values() if one.crash] == []
        return {name.removeprefix("SDK-") for name, one in judgements.items() if one.broken}

    return look


class Count(Protocol):
    def __call__(self, row: str, *calls: Said, profile: str = ..., **around: Any) -> Any: ...


@pytest.fixture
def count(found: Any) -> Count:
    """(judged, broken) of one row over calls, or over steps with times of their own."""

    def look(row: str, *calls: Said, profile: str = "ai-stats", **around: Any) -> Any:
        beside = around.pop("beside", [])
        judged, broken = found(f"SDK-{row}", *sdk(*calls, **around), *beside, profile=profile)
        return judged, len(broken)

    return look
