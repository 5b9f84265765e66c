"""Break every MUST and SHOULD, one at a time: the named requirement must fail, by its check."""

import pytest

from conformance.edits import apply_to
from conformance.mock.faults import MockFault, all_faults
from conformance.requirements import Level, registry

ROWS = {row.id: row for row in registry().masters() if not registry().is_pending(row)}
EDITS = [row for row in ROWS.values() if row.fault and row.fault.patch]
BEHAVIOUR = [one for one in all_faults() if one.mixin is not None]


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
    assert (fallen(judgements), unseen) == ([], [])
    assert [t.failure for t in unbroken if t.failure] == []


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row.fault.name)
def test_an_edit_breaks_its_requirement(row, unbroken, verdicts, kill_matrix, request):
    verdicts(unbroken, keep=True)
    fell = fallen(verdicts([apply_to(row, transcript) for transcript in unbroken]))
    assert {row.id, *row.fault.breaks} <= set(fell)
    compare(row.fault.name, fell, kill_matrix, request)


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row.fault.name)
def test_the_mock_shows_the_edit(row, driven, verdicts):
    judgements = verdicts(driven([row.fault.name], frozenset({row.id})))
    assert row.id in fallen(judgements)


@pytest.mark.parametrize("one", BEHAVIOUR, ids=lambda one: one.name)
def test_a_behaviour_breaks_what_it_names(one: MockFault, driven, verdicts, kill_matrix, request):
    fell = fallen(verdicts(driven([one.name], None)))
    assert set(one.breaks) & ROWS.keys() <= set(fell)
    compare(one.name, fell, kill_matrix, request)


def test_every_must_and_should_has_a_fault_that_breaks_it():
    broken = {row.id for row in EDITS}
    broken |= {one for fault in BEHAVIOUR for one in fault.breaks}
    binding = [row.id for row in ROWS.values() if row.level is not Level.MAY]
    assert [one for one in binding if one not in broken] == []
