"""Ten thousand generated bills: the exact ones break nothing, each bent one breaks a MUST."""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import Level, registry
from conformance.testing import edge, exchange, transcript
from conformance.transcript import Step

BILLS = 10_000
PARTS = 10
TOGETHER = 50
LINE_06 = {"BILL-LINE-06"}
PAID = {"BILL-REASON-03", "BILL-TRUTH-01", "BILL-TRUTH-03"}
Bent = tuple[dict[str, Any], set[str]] | None


def steps(case: Any, body: dict[str, Any]) -> list[Step]:
    """The prices, the body and its output rows: three steps."""
    rows = "\n".join(json.dumps(row.written) for row in case.rows)
    return [
        edge("price_card", prices=case.card),
        exchange("GET", f"/batches/{case.id}", json.dumps(body).encode()),
        exchange("GET", f"/files/file_{case.number}/content", rows.encode()),
    ]


def broken(pairs: list[Any], profile: str, ids: set[str] | None = None) -> list[set[str]]:
    """The billing rows, all or those of some ids, that each of the bills breaks."""
    rows = [one for one in registry().masters(profile) if one.family == "billing"]
    rows = [one for one in rows if ids is None or one.id in ids]
    whole = transcript(*(step for case, body in pairs for step in steps(case, body)))
    found: list[set[str]] = [set() for _ in pairs]
    for name, judgement in judge([whole], rows, profile).items():
        assert judgement.crash is None
        for finding in judgement.broken:
            found[((finding.step or 0) - 1) // 3].add(name)
    return found


def told(lines: Any) -> dict[Any, int]:
    return {key: line["nanos"] for key, line in lines.items() if line["nanos"]}


def remade(case: Any, lines: Any) -> Bent:
    """The body of other lines, all in itself consistent, where they differ from the right ones."""
    right = [told(case.amounts(case.billable)), told(case.doubled())]
    settled = case.ending in {"paid", "free"} and case.status == "completed"
    return (case.body(lines), LINE_06) if settled and told(lines) not in right else None


def rounded(rounding: Callable[[int, int, int], int]) -> Callable[[Any, Any], Bent]:
    return lambda case, _: remade(case, case.amounts(case.billable, rounding))


def of_rows(choose: Callable[[Any], list[Any]]) -> Callable[[Any, Any], Bent]:
    return lambda case, _: remade(case, case.amounts(choose(case))) if case.billable else None


def sums_first(case: Any, _: Any) -> Bent:
    lines = case.amounts(case.billable)
    for (_meter, size, nanos), line in lines.items():
        line["nanos"] = round(Fraction(line["billable"] * nanos, size))
    return remade(case, lines)


def in_line(change: Callable[[Any], None], expected: set[str]) -> Callable[[Any, Any], Bent]:
    def bend(case: Any, body: Any) -> Bent:
        metered = [line for line in body["pricing_lines"] if line.get("line_nanos")]
        if metered:
            change(case.chance.choice(metered))
        return (body, expected) if metered else None

    return bend


def in_block(pointer: str, more: Any, expected: set[str]) -> Callable[[Any, Any], Bent]:
    def bend(_: Any, body: Any) -> Bent:
        *parents, last = pointer.split("/")
        for name in parents:
            body = body.get(name) or {}
        if not isinstance(body.get(last), int | float | str) or isinstance(body[last], bool):
            return None
        body[last] = later(body[last]) if isinstance(body[last], str) else body[last] + more
        return body, expected

    return lambda case, body: (body, expected) if bend(case, body) else None


def later(text: str) -> str:
    """A money text with another last digit."""
    return text[:-1] + str((int(text[-1]) + 1) % 10)


def bump(key: str, more: Any = 1) -> Callable[[Any], None]:
    def change(line: Any) -> None:
        line[key] = later(line[key]) if isinstance(line[key], str) else line[key] + more

    return change


def dearer(line: Any) -> None:
    line["line_nanos"] += 7
    units, digits = divmod(line["line_nanos"], 10**9)
    line["line_cost_usd"] = f"{units}.{digits:09d}"


def flipped(case: Any, body: Any) -> Bent:
    billing = body["billing"]
    # Charged before, or not yet settled: there the other value may be right.
    if case.is_repeat or case.ending == "unsettled":
        return None
    billing["charged"] = not billing["charged"]
    return body, PAID | {"BILL-REASON-04", "BILL-REASON-05"}


def in_units(key: str, more: int) -> Callable[[Any, Any], Bent]:
    def bend(case: Any, body: Any) -> Bent:
        # With an included quantity there may be fewer units than were used.
        exact = not any(price["included_quantity"] for price in case.card)
        return in_line(bump(key, more), {"BILL-LINE-08"})(case, body) if exact else None

    return bend


SUMS = "billing/pricing_breakdown"
TOTALS = {f"BILL-SUM-0{number}" for number in range(1, 6)}
BENDS: dict[str, Callable[[Any, Any], Bent]] = {
    "a nano more on a line": in_line(bump("line_nanos"), {"BILL-LINE-04"}),
    "a dearer line that agrees with its text": in_line(dearer, {"BILL-SUM-01", *LINE_06}),
    "another last digit of a line's text": in_line(bump("line_cost_usd"), {"BILL-LINE-04"}),
    "another last digit of a price": in_line(bump("unit_price_usd"), LINE_06),
    "a unit less on a line": in_units("quantity", -1),
    "more units than were used": in_units("billable_units", 1),
    "a cost that is off by one": in_block("billing/cost_nanos", 1, TOTALS),
    "a total that is off by one": in_block("billing/total_nanos", 1, {"BILL-SUM-03"}),
    "dollars that are off by a nano": in_block("billing/cost_usd", 1e-9, {"BILL-SUM-05"}),
    "cents rounded up": in_block(f"{SUMS}/total_cents", 1, {"BILL-SUM-07"}),
    "another total of the sums": in_block(f"{SUMS}/total_nanos", -1, {"BILL-SUM-02"}),
    "another text of the sums": in_block(f"{SUMS}/total_usd_str", 0, {"BILL-SUM-06"}),
    "another cost in usage": in_block("usage/cost_nanos", 1, {"BILL-SUM-04"}),
    "charged is told the wrong way round": flipped,
    "halves rounded to even": rounded(
        lambda used, size, price: round(Fraction(used * price, size))
    ),
    "halves cut": rounded(lambda used, size, price: used * price // size),
    "always rounded up": rounded(lambda used, size, price: -(-used * price // size)),
    "rounded after the sum": sums_first,
    "tokens that cost nothing": rounded(lambda *_: 0),
    "a row forgotten": of_rows(lambda case: case.billable[1:]),
    "a row counted twice": of_rows(lambda case: [*case.billable, case.billable[-1]]),
    "failed rows billed": of_rows(lambda case: case.rows),
}


def bent(case: Any) -> tuple[str, dict[str, Any], set[str]] | None:
    """The case with one bend of money that applies to it, chosen by its number."""
    names = list(BENDS)
    for turn in range(len(names)):
        name = names[(case.number // 2 + turn) % len(names)]
        made = BENDS[name](case, case.body())
        if made is not None:
            return name, *made
    return None


@pytest.mark.parametrize("part", range(PARTS))
def test_every_generated_bill_is_judged_rightly(part: int, case_of: Callable[[int], Any]) -> None:
    size = BILLS // PARTS
    bends = 0
    for start in range(part * size, (part + 1) * size, 2 * TOGETHER):
        for parity, profile in enumerate(("ai-stats", "phaseo")):
            numbers = range(start + parity, start + 2 * TOGETHER, 2)
            cases = [case_of(number) for number in numbers]
            exact = [(case, case.body()) for case in cases]
            for case, rows in zip(cases, broken(exact, profile), strict=True):
                assert rows == set(), case.number
            made = [(case, one) for case in cases if (one := bent(case)) is not None]
            named = set().union(*(expected for _, (_, _, expected) in made))
            found = broken([(case, one[1]) for case, one in made], profile, named)
            for (case, (name, _, expected)), rows in zip(made, found, strict=True):
                assert rows & expected, f"{case.number}: {name}"
            bends += len(made)
    assert bends > 0.6 * size


def test_bills_in_doubles_are_right_too(case_of: Callable[[int], Any]) -> None:
    cases = [case_of(number) for number in range(0, BILLS, 2)]
    differ = [case for case in cases if told(case.doubled()) != told(case.amounts(case.billable))]
    pairs = [(case, case.body(case.doubled())) for case in differ]
    assert len(pairs) > 2
    assert broken(pairs, "ai-stats") == [set()] * len(pairs)


@pytest.mark.parametrize("name", BENDS)
def test_every_bend_is_tried_and_breaks_a_must(name: str, case_of: Callable[[int], Any]) -> None:
    cases = [case_of(number) for number in range(600)]
    tried = [made for case in cases if (made := BENDS[name](case, case.body()))]
    assert tried
    assert {registry()[one].level for _, expected in tried for one in expected} == {Level.MUST}
