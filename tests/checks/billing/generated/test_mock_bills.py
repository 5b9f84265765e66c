"""The mock's lines, sums and estimates beside the exact model: two readings that must agree."""

from collections.abc import Callable
from typing import Any

from conformance.json_text import dump, parse
from conformance.mock.billing import breakdown, metered_lines, summary_line, usage_nanos
from conformance.mock.prices import Model, Price


def models_of(case: Any, nanos_of: Callable[[str], int]) -> dict[str, Model]:
    """The models of the mock that the card of a case speaks of."""
    found: dict[str, Model] = {name: Model(name, name, {}) for name in case.models}
    for price in case.card:
        text, size = price["price_per_unit"], price["unit_size"]
        found[price["model"]].prices[price["meter"]] = Price(nanos_of(text), size)
    return found


def test_the_mock_makes_the_lines_and_sums_of_the_exact_model(
    case_of: Callable[[int], Any], nanos_of: Callable[[str], int]
) -> None:
    # Included quantities are phaseo's alone, which the even numbers are not.
    for number in range(0, 10_000, 2):
        case = case_of(number)
        models = models_of(case, nanos_of)
        lines = metered_lines((models[row.model], row.used) for row in case.billable)
        body = case.body()
        known = case.ending in {"paid", "free"} and lines
        assert not known or parse(dump(lines)) == parse(dump(body["pricing_lines"])), number
        total = sum(usage_nanos(models[row.model], row.used) for row in case.billable)
        assert total == sum(line["line_nanos"] for line in lines)
        sums = body["billing"].get("pricing_breakdown")
        assert not sums or breakdown(total, case.counts) == sums, number


def test_a_summary_line_of_the_mock_is_that_of_a_void(case_of: Callable[[int], Any]) -> None:
    cases = [case_of(number) for number in range(200)]
    voids = [case for case in cases if case.ending == "void"]
    assert voids
    for case in voids:
        line = summary_line("/v1/responses", len(case.rows), 0)
        assert case.body()["pricing_lines"] == [line]
