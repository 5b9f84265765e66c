from dataclasses import replace
from typing import Any

import pytest

from conformance.event_views.redirects import second_legs, targets_of
from conformance.testing import delivery, edge, message_data, transcript
from conformance.transcript import Body

TURNED = delivery(message_data(), answered={"status": 302})
LEG = replace(TURNED, path="/target", at_ms=20, answered={"status": 200})
BARE = replace(LEG, method="GET", headers=(), body=Body())
PLAN = edge("webhook_receiver_plan", path="/hook", answers=[{"answer": 302, "location": "/target"}])


@pytest.mark.parametrize(
    ("steps", "legs"),
    [
        ([TURNED, LEG], {2}),
        ([TURNED, replace(TURNED, path="/hook?again", at_ms=9)], {2}),
        ([TURNED, replace(LEG, answered={"status": 307}), replace(LEG, path="/third")], {2, 3}),
        ([PLAN, TURNED, BARE], {3}),
        ([TURNED, BARE], set()),
        ([TURNED, replace(TURNED, at_ms=9)], set()),
        ([TURNED, replace(LEG, at_ms=60_000)], set()),
        ([LEG, TURNED], set()),
        ([replace(TURNED, answered={"status": 200}), LEG], set()),
        ([TURNED, delivery(message_data(), attempt=2)], set()),
    ],
)
def test_second_legs_are_told_by_target_or_headers(steps: Any, legs: Any) -> None:
    assert second_legs(transcript(*steps)) == legs


@pytest.mark.parametrize("odd", [None, 7, [], {"location": 7}, {"location": "http://["}, "drop"])
def test_odd_plans_lead_nowhere(odd: Any) -> None:
    odd_plans = [edge("webhook_receiver_plan", path="/hook", answers=one) for one in (odd, [odd])]
    assert list(targets_of(transcript(*odd_plans), "/hook")) == []
    assert list(targets_of(transcript(PLAN), "/hook")) == ["/target"]
