import pytest

from conformance.adapters.faults import sdk_faults
from conformance.checks import all_checks
from conformance.mock.faults import behaviour_faults
from conformance.requirements import Level, registry
from conformance.scenarios import all_scenarios

KNOWN = registry()
BUILT = [row for row in KNOWN if row.is_master and not KNOWN.is_pending(row)]


def test_every_built_row_has_what_judges_it():
    missing = []
    for row in BUILT:
        found = {
            "schema": bool(row.schema),
            "table": bool(row.table),
            "code": row.id in all_checks(),
        }
        if not found[row.by]:
            missing.append(f"{row.id} is judged by {row.by} and has none")
    assert missing == []


def test_every_check_has_its_row():
    by_code = {row.id for row in KNOWN if row.is_master and row.by == "code"}
    assert [one for one in all_checks() if one not in by_code] == []


@pytest.mark.parametrize("key", ["schema", "table"])
def test_only_rows_judged_by_it_have_one(key):
    assert [row.id for row in KNOWN if getattr(row, key) and row.by != key] == []


def test_every_must_and_should_has_its_fault():
    binding = [row for row in BUILT if row.level is not Level.MAY]
    assert [row.id for row in binding if row.fault is None] == []


def test_a_fault_without_a_patch_is_one_of_behaviour():
    named = [row for row in BUILT if row.fault and not row.fault.patch]
    known = {"sdk": sdk_faults()}
    others = behaviour_faults()
    assert [row.id for row in named if row.fault.name not in known.get(row.family, others)] == []


def test_fault_names_are_never_used_twice():
    edits = [row.fault.name for row in BUILT if row.fault and row.fault.patch]
    assert len(edits) == len(set(edits))
    assert set(edits).isdisjoint(behaviour_faults())
    assert sdk_faults().keys().isdisjoint({*edits, *behaviour_faults()})


def test_every_built_row_is_brought_about_by_a_scenario():
    aimed = {one for scenario in all_scenarios().values() for one in scenario.aims}
    assert [row.id for row in BUILT if row.id not in aimed] == []


def test_every_aim_is_a_master():
    masters = {row.id for row in KNOWN if row.is_master}
    wrong = {
        scenario.name: sorted(scenario.aims - masters)
        for scenario in all_scenarios().values()
        if scenario.aims - masters
    }
    assert wrong == {}


def test_a_scenario_asks_for_every_need_that_its_cost_implies():
    wrong = []
    for scenario in all_scenarios().values():
        if scenario.cost != "free" and "create" not in scenario.needs:
            wrong.append(f"{scenario.name} costs {scenario.cost} without needing create")
        if scenario.cost == "settle" and "terminal" not in scenario.needs:
            wrong.append(f"{scenario.name} settles without needing terminal")
    assert wrong == []


def test_every_area_file_has_rows_of_its_family():
    prefixes = {
        "rest": ("REST",),
        "billing": ("BILL",),
        "events": ("WS", "HOOK", "XCH"),
        "sdk": ("SDK",),
    }
    wrong = [row.id for row in KNOWN if not row.id.startswith(prefixes[row.family])]
    assert wrong == []
