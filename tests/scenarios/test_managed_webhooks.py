"""The scenarios about webhooks where these lead to managed endpoints."""

import asyncio

import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.json_text import at
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget, mock_capabilities
from conformance.transcript import Delivery, Transcript

OFFERED = mock_capabilities("phaseo")
ROWS = {row.id: row for row in registry().masters("phaseo") if row.family == "events"}
CHOSEN = [
    one
    for name, one in all_scenarios().items()
    if not OFFERED.missing(one.needs)
    and ({"webhook", "managed-endpoint"} & set(one.needs) or name == "create_with_everything")
]


@pytest.fixture(scope="module")
def driven(mock_gateway: MockServer) -> dict[str, Transcript]:
    """All of them on the mock as the profile phaseo has it."""
    found: dict[str, Transcript] = {}
    target = MockTarget(server=mock_gateway, profile="phaseo")
    asyncio.run(drive(CHOSEN, target, keep=lambda one: found.update({one.scenario: one})))
    return found


def test_all_of_the_profile_that_they_aim_at_is_judged_and_holds(
    driven: dict[str, Transcript],
) -> None:
    found = judge(driven.values(), ROWS.values(), "phaseo")
    aimed = {aim for one in CHOSEN for aim in one.aims}
    assert [one.crash for one in found.values() if one.crash] == []
    assert [one.failure for one in driven.values() if one.failure] == []
    assert [name for name, one in found.items() if one.broken] == []
    assert [name for name, one in found.items() if name in aimed and not one.judged] == []


def test_the_rows_of_managed_endpoints_are_among_them(driven: dict[str, Transcript]) -> None:
    named = {name for name, row in ROWS.items() if "managed-endpoint" in row.needs}
    found = judge(driven.values(), [ROWS[name] for name in named], "phaseo")
    assert {name for name, one in found.items() if one.judged} == named
    assert named == {"HOOK-HEAD-13", "HOOK-REG-34", "HOOK-REG-35", "HOOK-REG-36", "HOOK-RETRY-24"}


def test_no_target_of_a_redirect_and_no_endpoint_without_a_secret_is_called(
    driven: dict[str, Transcript],
) -> None:
    came = [one for _, one in driven["managed_endpoints_called"].of(Delivery)]
    assert [one.answered for one in came] == [{"status": 307}, {"status": 200}]
    assert len({one.path for one in came}) == len({at(one.body.json, "/id") for one in came}) == 1
