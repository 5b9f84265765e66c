"""What billing.md says of the recordings: of all billing rows they break STABLE-06 alone."""

from conformance.cassettes import load_all
from conformance.checks import judge
from conformance.requirements import registry
from conformance.resources import cassettes_dir

PROFILE = "ai-stats"


def test_the_recordings_break_the_one_known_promise_of_billing() -> None:
    transcripts = [one.transcript for one in load_all([cassettes_dir() / PROFILE])]
    rows = [row for row in registry().masters(PROFILE) if row.family == "billing"]
    found = judge(transcripts, rows, PROFILE)
    assert [one.crash for one in found.values() if one.crash] == []
    assert [requirement for requirement, one in found.items() if one.broken] == ["BILL-STABLE-06"]
