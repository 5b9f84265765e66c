from dataclasses import replace
from typing import Any

import pytest

from conformance.requirements import registry
from conformance.testing import delivery, edge, message_data
from conformance.testing_webhooks import attempt, created, read, signed
from conformance.transcript import Body, Delivery

HOOK = created({"url": "https://hooks.example.com/hook"})


def redirecting(location: str | None) -> Any:
    answer = {"answer": 302} if location is None else {"answer": 302, "location": location}
    return edge("webhook_receiver_plan", path="/hook", answers=[answer])


PLAN = redirecting("http://127.0.0.1:9/target")
TURNED = delivery(message_data("completed"), answered={"status": 302})
TARGET = Delivery("GET", "/target", (), Body(), answered={"status": 200})
TAKEN = delivery(message_data("completed"))
REFUSED = attempt(1, "scheduled_retry", response_status=302)


@pytest.mark.parametrize(
    ("steps", "followed", "failed"),
    [
        ([PLAN, HOOK, TURNED, TARGET, read("completed", attempt())], (1, 0), (1, 1)),
        ([PLAN, HOOK, TURNED, read("completed", REFUSED)], (1, 1), (1, 0)),
        ([PLAN, HOOK, TURNED, read("completed", attempt())], (1, 1), (1, 1)),
        ([redirecting(None), HOOK, TURNED, read("completed", REFUSED)], (0, 0), (0, 0)),
        ([PLAN, HOOK, TAKEN, read("completed", attempt())], (0, 0), (0, 0)),
    ],
)
def test_redirects_are_followed_or_failures(
    steps: Any, followed: Any, failed: Any, found: Any
) -> None:
    judged, broken = found("HOOK-RETRY-23", *steps)
    assert (judged, len(broken)) == followed
    judged, broken = found("HOOK-RETRY-24", *steps, profile="phaseo")
    assert (judged, len(broken)) == failed


def followed(status: int, **members: Any) -> list[Delivery]:
    """A signed attempt that was redirected, and what a client makes of the redirect."""
    first = signed(replace(TURNED, answered={"status": status}), "whsec_1")
    second = replace(first, path="/target", answered={"status": 200}, at_ms=5, **members)
    return [first, second]


GOT = {"method": "GET", "body": Body()}
SECRET = created({"url": "https://hooks.example.com/hook", "secret": "whsec_1"})
MOVED = attempt(response_status=200)


@pytest.mark.parametrize("plan", [[PLAN], []])
@pytest.mark.parametrize(("status", "members"), [(302, GOT), (303, GOT), (307, {}), (308, {})])
def test_a_redirect_that_is_followed_is_one_attempt(
    plan: Any, status: int, members: Any, found: Any
) -> None:
    steps = [*plan, SECRET, *followed(status, **members), read("completed", MOVED)]
    areas = ("HOOK-BODY", "HOOK-HEAD", "HOOK-ORDER", "HOOK-RETRY", "HOOK-SIGN", "XCH-3")
    rows = [row for row in registry().masters() if row.id.startswith(areas)]
    assert {row.id for row in rows if found(row.id, *steps)[1]} <= {"HOOK-BODY-07", "HOOK-BODY-20"}
