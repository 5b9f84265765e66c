"""What all hosts share."""

import pytest

from conformance.errors import AdapterError
from conformance.targets.hosting import Endurance, not_started
from conformance.targets.limits import ScenarioStopped


def test_an_adapter_may_break_so_often_and_no_more() -> None:
    endurance = Endurance("--adapter a:B", 1)
    endurance.spend("getBatch: gone")
    endurance.check()
    endurance.spend("getBatch: late")
    with pytest.raises(ScenarioStopped) as caught:
        endurance.check()
    assert str(caught.value) == "--adapter a:B broke 2 times, last: getBatch: late"


def test_what_was_written_on_stderr_follows_the_line() -> None:
    error = not_started("--adapter-cmd x", "hello: gone", ("a", "b"))
    assert isinstance(error, AdapterError)
    assert str(error) == "--adapter-cmd x: hello: gone\n  stderr: a\n  stderr: b"
