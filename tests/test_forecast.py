"""What `--plan` prints."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance._run import Run
from conformance.capabilities import ABOUT_GATEWAY, ABOUT_SDK
from conformance.config import resolve
from conformance.drive import drive
from conformance.errors import UsageError
from conformance.forecast import ROWS_PER_BATCH, plan_lines
from conformance.mock.server import MockServer
from conformance.plan import OTHER_KIND
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.transcript import Transcript
from conformance.views import Observed, json_lines

AWAY = "https://gateway.test/v1"


def lines(*wanted: str, **given: Any) -> list[str]:
    named = {name.replace("_", "-"): value for name, value in given.items()}
    run = Run(resolve(named, environ={"AI_STATS_API_KEY": "secret-a"}), frozenset(wanted))
    return list(plan_lines(run))


def batches_for(requirement_id: str) -> int:
    pieces = [one for one in all_scenarios().values() if requirement_id in one.aims]
    return sum(one.batches for one in pieces if set(one.needs) <= {"create", "cancel", "files"})


def test_the_mock_costs_nothing_and_leaves_nothing_untested() -> None:
    found = lines("REST-GET-02", "REST-GET-01")
    assert found[0] == "plan for the embedded mock, --spend settle"
    assert any(line.startswith("cost: nothing, up to ") for line in found)
    assert found[-1] == "would stay not tested: 0 of 2 requirements"


def test_without_spending_a_gateway_leaves_with_a_reason_what_needs_batches() -> None:
    found = lines("REST-GET-02", "REST-CREATE-01", gateway_url=AWAY)
    assert found[0] == f"plan for {AWAY}, --spend none"
    assert "cost: nothing, only free calls" in found
    assert found[-2:] == [
        "would stay not tested: 1 of 2 requirements",
        '  REST-CREATE-01 (MUST) needs "create"; to test it: allow it with --spend create',
    ]


def test_what_only_a_batch_of_earlier_times_may_show_is_no_promise() -> None:
    found = lines("REST-STATE-10", "REST-CREATE-01", gateway_url=AWAY)
    assert found[-3] == "tested only if a batch of earlier times shows it: 1 of 2"
    assert "  examine_the_newest (free) " in "\n".join(found)
    without = lines("REST-STATE-10", "REST-CREATE-01", gateway_url=AWAY, examine="0")
    assert without[-3] == "would stay not tested: 2 of 2 requirements"


def test_the_named_batches_are_read_with_their_files() -> None:
    wanted = {"gateway_url": AWAY, "batch_id": ["b1"]}
    assert "would stay not tested: 0 of 1 requirements" in lines("REST-FILES-10", **wanted)
    assert "would stay not tested: 1 of 1 requirements" in lines("REST-FILES-10", gateway_url=AWAY)


def test_what_is_about_the_other_kind_of_target_is_one_line() -> None:
    wanted = ("REST-GET-02", "SDK-ARGS-01", "SDK-ARGS-11")
    found = lines(*wanted)
    assert found[-2:] == [
        "would stay not tested: 2 of 3 requirements",
        f"not tested, sdk 2: {ABOUT_SDK}",
    ]
    assert f"  not: sdk_environment, sdk_requests: {OTHER_KIND[0]}" in found
    adapter = "conformance.adapters.reference:ReferenceAdapter"
    assert lines(*wanted, adapter=adapter)[-2:] == [
        "would stay not tested: 1 of 3 requirements",
        f"not tested, rest 1: {ABOUT_GATEWAY}",
    ]


def test_batches_are_counted_and_with_prices_their_most_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"m": {"input_nanos": 300, "output_nanos": 700}}), "utf-8")
    spending = {"gateway_url": AWAY, "spend": "create"}
    count = batches_for("REST-CREATE-02")
    plain = lines("REST-CREATE-02", **spending)
    priced = lines("REST-CREATE-02", **spending, model="m", prices=str(path))
    usd = count * ROWS_PER_BATCH * 64 * 1000 / 10**9
    assert count > 0
    assert (
        f"cost: up to {count} batches of at most {ROWS_PER_BATCH} rows; "
        "give --model and --prices to see an amount"
    ) in plain
    assert f"cost: up to {count} batches, at most {usd:.6f} USD" in priced


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"fault": ["nope"]}, "no fault is called 'nope'"),
        ({"prices": "/nowhere.json"}, "--prices /nowhere.json: cannot be read"),
        ({"gateway_url": "ftp://x"}, "expected http"),
        ({"gateway_url": AWAY, "spend": "settle"}, "with --max-spend USD"),
    ],
    ids=["fault", "prices", "url", "bound"],
)
def test_a_plan_of_what_cannot_be_used_is_refused(given: dict[str, Any], cause: str) -> None:
    with pytest.raises(UsageError, match=cause):
        lines("REST-GET-02", **given)


def test_no_scenario_makes_more_batches_or_rows_than_the_forecast_counts() -> None:
    found: list[Transcript] = []
    server = MockServer()

    async def go() -> None:
        transport = httpx.ASGITransport(app=server.app)
        target = MockTarget(server=server.start(), transport=transport)
        await drive(all_scenarios().values(), target, keep=found.append)

    asyncio.run(go())
    server.stop()
    # What only a scripted provider plays costs nothing.
    priced = [one for one in found if "outcome-control" not in all_scenarios()[one.scenario].needs]
    for transcript in priced:
        seen = Observed(transcript)
        accepted = [create for create in seen.creates if create.accepted]
        assert len(accepted) <= all_scenarios()[transcript.scenario].batches, transcript.scenario
        for create in accepted:
            content = seen.files[create.sent["input_file_id"]].uploaded or b""
            assert len(json_lines(content)) <= ROWS_PER_BATCH, transcript.scenario
