"""Break every MUST and SHOULD, one at a time: the named requirement must fail, by its check."""

import pytest

from conformance.checks import judge
from conformance.edits import apply_to
from conformance.mock.faults import MockFault, all_faults
from conformance.requirements import Level, registry
from conformance.targets.mock import mock_capabilities

ROWS = {row.id: row for row in registry().masters() if not registry().is_pending(row)}
OFFERED = {one for one, row in ROWS.items() if not mock_capabilities().missing(row.needs)}
PATCHED = [row for row in ROWS.values() if row.fault and row.fault.patch]
MESSAGE_EDITS = [row for row in PATCHED if row.fault.on == "message"]
EDITS = [row for row in PATCHED if row.fault.on != "message"]
SHOWN = [row for row in PATCHED if row.id in OFFERED]
BEHAVIOUR = [one for one in all_faults() if one.mixin is not None and ROWS.keys() & {*one.breaks}]


def fallen(judgements):
    crashes = [found.crash for found in judgements.values() if found.crash]
    assert crashes == []
    return sorted(one for one, found in judgements.items() if found.broken)


def compare(name, fell, kill_matrix, request):
    if request.config.getoption("--update-kill-matrix", default=False):
        kill_matrix[name] = fell
    assert fell == kill_matrix.get(name)


def test_the_unbroken_mock_passes_everything(unbroken, verdicts):
    judgements = verdicts(unbroken, keep=True)
    unseen = [one for one, found in judgements.items() if not found.judged]
    needed = [one for one in unseen if one in OFFERED and not ROWS[one].conditional]
    assert (fallen(judgements), needed) == ([], [])
    assert [t.failure for t in unbroken if t.failure] == []


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row.fault.name)
def test_an_edit_breaks_its_requirement(row, unbroken, verdicts, kill_matrix, request):
    verdicts(unbroken, keep=True)
    fell = fallen(verdicts([apply_to(row, transcript) for transcript in unbroken]))
    assert {row.id, *row.fault.breaks} <= set(fell)
    compare(row.fault.name, fell, kill_matrix, request)


@pytest.mark.parametrize("row", MESSAGE_EDITS, ids=lambda row: row.fault.name)
def test_an_edit_of_a_message_breaks_its_requirement(row, recorded, verdicts, kill_matrix, request):
    before = fallen(verdicts(recorded, keep=True))
    assert row.id not in before
    fell = fallen(verdicts([apply_to(row, transcript) for transcript in recorded]))
    assert {row.id, *row.fault.breaks} <= set(fell)
    compare(row.fault.name, [one for one in fell if one not in before], kill_matrix, request)


def test_nothing_but_events_is_beyond_the_mock():
    lacking = {one for row in ROWS.values() for one in mock_capabilities().missing(row.needs)}
    assert lacking <= {"events"}


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.fault.name)
def test_the_mock_shows_the_edit(row, driven):
    found = judge(driven([row.fault.name], frozenset({row.id})), [row], "ai-stats")
    assert fallen(found) == [row.id]


@pytest.mark.parametrize("one", BEHAVIOUR, ids=lambda one: one.name)
def test_a_behaviour_breaks_what_it_names(one: MockFault, driven, verdicts, kill_matrix, request):
    update = request.config.getoption("--update-kill-matrix", default=False)
    fell = fallen(verdicts(driven([one.name], None if update else frozenset(one.breaks))))
    assert set(one.breaks) & ROWS.keys() <= set(fell)
    if update:
        kill_matrix[one.name] = fell
    # What falls in the scenarios that aim at it is a part of what falls in all.
    assert set(fell) <= set(kill_matrix[one.name])


def test_every_must_and_should_has_a_fault_that_breaks_it():
    broken = {row.id for row in PATCHED}
    broken |= {one for fault in BEHAVIOUR for one in fault.breaks}
    binding = [row.id for row in ROWS.values() if row.level is not Level.MAY]
    assert [one for one in binding if one not in broken] == []
