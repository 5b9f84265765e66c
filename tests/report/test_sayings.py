"""What the checks said of a bill, by pointer."""

from typing import Any

from conformance.report.sayings import Said, sayings
from conformance.requirements import registry
from conformance.verdicts import Finding, Judgement

ROWS = {one: registry()[one] for one in ("BILL-SUM-01", "BILL-SUM-08", "BILL-LINE-05")}


def breach(pointer: str, step: int = 1) -> Finding:
    return Finding(False, "1", "2", pointer, step)  # noqa: FBT003


def known(prefix: str = "", **pointers: list[str]) -> Any:
    found = {
        one.replace("_", "-"): Judgement(3, tuple(map(breach, places)))
        for one, places in pointers.items()
    }
    return sayings(ROWS, found, 1, prefix)


def pointers(said: list[Said]) -> list[str]:
    return [one.pointer for one in said]


def test_a_place_has_what_is_said_of_it_and_below_it() -> None:
    places = ["/pricing_lines/1", "/pricing_lines/1/x", "/pricing_lines/11", "/pricing_lines"]
    said = known(BILL_LINE_05=places)
    assert pointers(said.of("/pricing_lines/1")) == ["/pricing_lines/1", "/pricing_lines/1/x"]
    assert pointers(said.rest()) == ["/pricing_lines/11", "/pricing_lines"]


def test_each_finding_is_handed_out_once() -> None:
    said = known(BILL_SUM_01=["/billing/x"])
    assert (pointers(said.of("/billing/x")), said.of("/billing/x"), said.rest()) == (
        ["/billing/x"], [], [],
    )  # fmt: skip


def test_some_checks_can_be_asked_alone() -> None:
    said = known(
        BILL_SUM_01=["/pricing_lines", "/pricing_lines/0"], BILL_LINE_05=["/pricing_lines"]
    )
    found = said.of("/pricing_lines", ["BILL-SUM-01"])
    assert [(one.row.id, one.pointer) for one in found] == [("BILL-SUM-01", "/pricing_lines")]


def test_pointers_are_those_of_the_batch_and_other_steps_are_left_out() -> None:
    found = {"BILL-SUM-01": Judgement(1, (breach("/data/billing"), breach("/data/x", 2)))}
    said = sayings(ROWS, found, 1, "/data")
    assert pointers(said.rest()) == ["/billing"]


def test_what_was_not_judged_is_known() -> None:
    said = known(BILL_SUM_01=[])
    assert (said.was_judged(["X", "BILL-SUM-01"]), said.was_judged(["X"])) == (True, False)


def test_only_what_the_contract_demands_is_wrong() -> None:
    said = known(BILL_SUM_01=["/a"], BILL_SUM_08=["/b"])
    assert [one.is_wrong for one in said.rest()] == [True, False]
