"""The judge for one row, over the steps of one transcript."""

from typing import Any, Protocol

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import transcript
from conformance.transcript import Step


class Judge(Protocol):
    def __call__(self, requirement: str, *steps: Step, profile: str = ...) -> Any: ...


@pytest.fixture
def found() -> Judge:
    """(judged, pointers of what is broken) of one row; a crash fails the test."""

    def look(requirement: str, *steps: Step, profile: str = "ai-stats") -> Any:
        row = registry()[requirement]
        judgement = judge([transcript(*steps)], [row], profile)[requirement]
        assert judgement.crash is None
        return judgement.judged, [finding.pointer for finding in judgement.broken]

    return look
