"""Which bodies a schema row is held against."""

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, exchange, transcript
from conformance.transcript import Exchange
from conformance.verdicts import Judgement

SHORT = {"id": "batch_1", "status": "cancelled", "lifecycle_status": "cancelled"}


def judged(requirement: str, *steps: Exchange) -> Judgement:
    return judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]


def cancel(answer: object) -> Exchange:
    return exchange("POST", "/batches/batch_1/cancel", answer)


def test_a_list_item_with_an_iso_time_breaks_the_rule_of_lists_alone() -> None:
    item = batch(created_at="2026-07-09T09:00:00.000Z")
    answer = exchange("GET", "/batches", {"object": "list", "data": [item]})
    assert judged("REST-SHAPE-03", answer) == Judgement()
    assert [one.pointer for one in judged("REST-LIST-11", answer).broken] == ["/data/0/created_at"]


@pytest.mark.parametrize("requirement", ["REST-SHAPE-01", "REST-SHAPE-03", "REST-SHAPE-05"])
def test_the_answer_to_a_repeated_cancel_may_lack_members(requirement: str) -> None:
    first, again = cancel(batch("cancelled")), cancel(SHORT)
    assert judged(requirement, first, again) == Judgement(judged=1)
    assert len(judged(requirement, cancel(SHORT)).broken) == 1


def test_the_members_in_the_answer_to_a_repeated_cancel_are_judged() -> None:
    first, again = cancel(batch("cancelled")), cancel({**SHORT, "progress": "none"})
    assert [one.pointer for one in judged("REST-SHAPE-15", first, again).broken] == ["/progress"]
