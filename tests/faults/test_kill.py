"""Break every MUST and SHOULD, one at a time: the named requirement must fail, by its check."""

import pytest

from conformance.checks import judge
from conformance.edits import apply_to
from conformance.mock.faults import MockFault, all_faults
from conformance.requirements import Level, registry
from conformance.targets.mock import mock_capabilities

BUILT = [row for row in registry().masters() if not registry().is_pending(row)]
# Those of SDKs are broken by adapters, in test_sdk_kill.py.
ROWS = {row.id: row for row in BUILT if row.family != "sdk"}
OFFERED = {one for one, row in ROWS.items() if not mock_capabilities().missing(row.needs)}
PATCHED = [row for row in ROWS.values() if row.fault and row.fault.patch]
# A server cannot make up the close of its client: that edit is of stored transcripts alone.
SHOWN = [row for row in PATCHED if row.id in OFFERED and row.fault.on != "close"]
BEHAVIOUR = [one for one in all_faults() if one.mixin is not None and ROWS.keys() & {*one.breaks}]


def fallen(judgements):
    crashes = [found.crash for found in judgements.values() if found.crash]
    assert crashes == []
    return sorted(one for one, found in judgements.items() if found.broken)


def compare(name, fell, kill_matrix, updating):
    if updating:
        kill_matrix[name] = fell
    assert fell == kill_matrix.get(name)


def to_judge(row, kill_matrix, updating):
    """What may fall: of all rows when the table is made anew, else what fell then."""
    return None if updating else {row.id, *row.fault.breaks, *kill_matrix.get(row.fault.name, ())}


@pytest.fixture(scope="session")
def updating(request):
    return request.config.getoption("--update-kill-matrix", default=False)


def test_the_unbroken_mock_passes_everything(unbroken, verdicts):
    judgements = verdicts(unbroken, keep=True)
    unseen = [one for one, found in judgements.items() if not found.judged]
    needed = [one for one in unseen if one in OFFERED and not ROWS[one].conditional]
    assert (fallen(judgements), needed) == ([], [])
    assert [t.failure for t in unbroken if t.failure] == []


@pytest.mark.parametrize("row", PATCHED, ids=lambda row: row.fault.name)
def test_an_edit_breaks_its_requirement(row, unbroken, verdicts, kill_matrix, updating):
    edited = [apply_to(row, transcript) for transcript in unbroken]
    fell = fallen(verdicts(edited, ids=to_judge(row, kill_matrix, updating)))
    assert {row.id, *row.fault.breaks} <= set(fell)
    compare(row.fault.name, fell, kill_matrix, updating)


def test_nothing_is_beyond_the_mock():
    lacking = {one for row in ROWS.values() for one in mock_capabilities().missing(row.needs)}
    assert lacking == set()


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.fault.name)
def test_the_mock_shows_the_edit(row, driven):
    found = judge(driven([row.fault.name], frozenset({row.id})), [row], "ai-stats")
    assert fallen(found) == [row.id]


@pytest.mark.parametrize("one", BEHAVIOUR, ids=lambda one: one.name)
def test_a_behaviour_breaks_what_it_names(one: MockFault, driven, verdicts, kill_matrix, updating):
    fell = fallen(verdicts(driven([one.name], frozenset(one.breaks))))
    assert set(one.breaks) & ROWS.keys() <= set(fell)
    if updating:
        kill_matrix[one.name] = fell
    # Which other rows see it depends on how its calls interleave.
    assert set(fell) <= set(kill_matrix[one.name])


def test_every_must_and_should_has_a_fault_that_breaks_it():
    broken = {row.id for row in PATCHED}
    broken |= {one for fault in BEHAVIOUR for one in fault.breaks}
    binding = [row.id for row in ROWS.values() if row.level is not Level.MAY]
    assert [one for one in binding if one not in broken] == []
