"""The scenarios of SDKs: what they ask of one that is as it should be, and of poor ones."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from conformance.adapters import METHODS
from conformance.drive import drive
from conformance.json_text import at
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.scenarios.sdk_steps import OPERATIONS, stimuli
from conformance.targets.adapter import AdapterHost, adapter_host
from conformance.targets.limits import ScenarioStopped
from conformance.targets.mock import MockTarget
from conformance.targets.sdk_target import AdapterTarget
from conformance.transcript import Call, Delivery, Stream, Transcript

NAMES = sorted(one.name for one in all_scenarios().values() if "sdk" in one.needs)
Driven = Callable[..., dict[str, Transcript]]


@pytest.fixture(scope="module")
def server() -> Any:
    with MockServer(receiver_wait_s=5.0) as running:
        yield running


@pytest.fixture(scope="module")
def reference() -> AdapterHost:
    """The host of an SDK that does what the contract says."""
    return adapter_host("conformance.adapters.reference:ReferenceAdapter")


@pytest.fixture(scope="module")
def driven(server: MockServer) -> Driven:
    """The transcripts of scenarios by name."""

    def run(host: AdapterHost, names: Sequence[str]) -> dict[str, Transcript]:
        found: list[Transcript] = []
        target = AdapterTarget(host, MockTarget(server=server))
        chosen = [all_scenarios()[name] for name in names]
        asyncio.run(drive(chosen, target, keep=found.append))
        return {one.scenario: one for one in found}

    return run


@pytest.fixture(scope="module")
def whole(driven: Driven, reference: AdapterHost) -> Mapping[str, Transcript]:
    return driven(reference, NAMES)


@pytest.fixture
def poor(reference: AdapterHost) -> Callable[..., AdapterHost]:
    """The host of the reference SDK with members of its adapter replaced."""

    def make(**members: Any) -> AdapterHost:
        kind: Any = type("Poor", (type(reference.adapter),), members)
        return AdapterHost(kind(), "poor")

    return make


def calls(seen: Transcript) -> list[Call]:
    return [call for _, call in seen.of(Call)]


def sent(seen: Transcript) -> list[str]:
    """Method and target below the origin of every request, in order."""
    return [
        f"{one.request.method} {one.request.url.removeprefix(one.request.origin)}"
        for _, one in seen.exchanges
    ]


def kinds(seen: Transcript, label: str) -> set[str | None]:
    """The kinds of the errors of the calls with a label, None for a value."""
    return {at(call.outcome, "/error/kind") or None for call in calls(seen) if call.label == label}


def test_every_row_of_sdks_is_aimed_at_and_the_needs_are_those_of_its_row() -> None:
    rows = [row for row in registry() if row.family == "sdk" and row.is_master]
    scenarios = [all_scenarios()[name] for name in NAMES]
    aimed = {one for scenario in scenarios for one in scenario.aims}
    assert aimed == {row.id for row in rows}
    for row in rows:
        offered = [set(one.needs) for one in scenarios if row.id in one.aims]
        assert any(needs <= set(row.needs) for needs in offered), row.id


def test_a_right_sdk_is_driven_to_the_end(whole: Mapping[str, Transcript]) -> None:
    assert sorted(whole) == NAMES
    assert {one.scenario: one.failure for one in whole.values() if one.failure} == {}
    assert {one.steps[0].action for one in whole.values()} == {"sdk_hello"}


def test_all_clients_are_closed(whole: Mapping[str, Transcript]) -> None:
    for seen in whole.values():
        opened = sorted(edge.detail["client"] for _, edge in seen.edges("sdk_open"))
        assert opened == sorted(edge.detail["client"] for _, edge in seen.edges("sdk_close"))
        assert len(set(opened)) == len(opened)
        assert opened or seen.scenario == "sdk_starts"


def test_every_name_of_the_contract_is_called_once(whole: Mapping[str, Transcript]) -> None:
    assert sorted(call.method for call in calls(whole["sdk_surface"])) == sorted(METHODS)
    assert [call for call in calls(whole["sdk_surface"]) if "error" in call.outcome] == []


def test_every_id_is_played_as_it_is_by_both_names_of_get_and_cancel(
    whole: Mapping[str, Transcript],
) -> None:
    wanted = [*({"batch_id": one} for one in stimuli("ids")), {}]
    for method in (*OPERATIONS["get"], *OPERATIONS["cancel"]):
        played = [call.arguments for call in calls(whole["sdk_ids"]) if call.method == method]
        assert played == wanted
    targets = sent(whole["sdk_ids"])
    assert "GET /v1/batches/a%0D%0AX-Injected%3A%20y" in targets
    assert "POST /v1/batches/a%3Fb%23c/cancel" in targets


def test_base_urls_with_and_without_slashes_are_played(whole: Mapping[str, Transcript]) -> None:
    bases = [edge.detail["base_url"] for _, edge in whole["sdk_base_urls"].edges("sdk_open")]
    assert [f"/{one.split('/', 3)[3]}" for one in bases] == stimuli("bases")
    gets = [one for one in sent(whole["sdk_base_urls"]) if one.endswith("/batch_123")]
    assert set(gets) == {
        "GET /v1/batches/batch_123", "GET /tenant%20a/gateway/v1/batches/batch_123",
    }  # fmt: skip


def test_creates_and_filters_arrive_as_they_are_in_the_stimuli(
    whole: Mapping[str, Transcript],
) -> None:
    seen = whole["sdk_requests"]
    bodies = [one.request.json for _, one in seen.exchanges if one.request.body]
    twice = [row["request"] for row in stimuli("requests") for _ in OPERATIONS["create"]]
    assert bodies == twice
    lists = [one for one in sent(seen) if one.startswith("GET /v1/batches?")]
    assert lists[::2] == [
        "GET /v1/batches?limit=2",
        "GET /v1/batches?limit=2&status=completed&status=failed&after=b+x%26y%3D%C3%BC%2B1",
        "GET /v1/batches?limit=2",
        "GET /v1/batches?include_archived=true&include_requests=false",
    ]


def test_answers_of_every_kind_are_given_to_create_get_and_cancel(
    whole: Mapping[str, Transcript],
) -> None:
    found = {row["name"]: kinds(whole["sdk_results"], row["name"]) for row in stimuli("results")}
    bad = {"cut-json", "text", "html", "array", "null", "string"}
    assert {name for name, kind in found.items() if kind == {"parse"}} == bad
    assert {name for name, kind in found.items() if kind == {None}} == found.keys() - bad
    rich = [call for call in calls(whole["sdk_results"]) if call.label == "rich"]
    assert at(rich[0].outcome, "/value") == stimuli("answers")["batch"]
    assert len(rich) == 10


def test_the_id_of_a_create_is_passed_on(whole: Mapping[str, Transcript]) -> None:
    create, *others = calls(whole["sdk_id_passed_on"])
    batch_id = at(create.outcome, "/value/id")
    assert [one.arguments.get("batch_id", one.arguments.get("job_id")) for one in others] == (
        [batch_id] * 6
    )


def test_calls_at_the_same_time_are_answered_in_another_order(
    whole: Mapping[str, Transcript],
) -> None:
    made = calls(whole["sdk_many_at_once"])
    assert len(made) == 32
    assert all(at(one.outcome, "/value/id") == one.arguments["batch_id"] for one in made)
    assert min(one.ended_at_ms for one in made) > max(one.at_ms for one in made)


def test_every_refusal_is_given_to_every_call_and_a_good_answer_afterwards(
    whole: Mapping[str, Transcript],
) -> None:
    seen = whole["sdk_failures"]
    labels = [row["name"] for row in stimuli("refusals")]
    assert {name: kinds(seen, name) for name in labels} == {name: {"http"} for name in labels}
    assert kinds(seen, "cut") == kinds(seen, "closed port") == {"transport"}
    after = {name: kinds(seen, f"after {name}") for name in labels}
    assert after == {name: {None} for name in labels}
    assert sum(call.label == "429" for call in calls(seen)) == 4


def test_redirects_lead_to_both_hosts(whole: Mapping[str, Transcript]) -> None:
    places = {
        (one.response.status, one.response.header("location") or "")
        for _, one in whole["sdk_redirects"].exchanges
        if one.response
    }
    hosts = {(status, place.split(":")[1].strip("/")) for status, place in places}
    same = {(status, "127.0.0.1") for status in (301, 302, 303, 307, 308)}
    assert hosts == same | {(302, "localhost"), (307, "localhost")}


def test_late_answers_are_not_waited_for(whole: Mapping[str, Transcript]) -> None:
    seen = whole["sdk_late_answers"]
    assert kinds(seen, "late") == {"timeout"}
    assert [one.response for _, one in seen.exchanges] == [None] * 4


def test_keys_come_from_one_variable_after_the_other(whole: Mapping[str, Transcript]) -> None:
    seen = whole["sdk_environment"]
    given = [
        [name for name, value in edge.detail["env"].items() if value]
        for _, edge in seen.edges("sdk_open")
    ]
    assert given == [["AI_STATS_API_KEY"], ["PHASEO_API_KEY"], ["OPENAI_API_KEY"], []]
    assert [one.request.credential for _, one in seen.exchanges] == ["a", "a"]


def test_an_adapter_is_started_anew_with_this_interpreter(whole: Mapping[str, Transcript]) -> None:
    [(_, start)] = whole["sdk_starts"].edges("sdk_start")
    assert start.detail["runtime"].endswith(f"({sys.executable})")
    assert (start.detail["admitted"], at(start.detail, "/outcome/value")) == (True, {})


def test_every_vector_is_played_by_both_helpers_where_it_can_be(
    whole: Mapping[str, Transcript],
) -> None:
    made = calls(whole["sdk_stream_urls"])
    # 53 vectors, of which 5 are of videos; and 2 without any.
    assert sum(call.method == "getAsyncJobWebSocketUrl" for call in made) == 55
    assert sent(whole["sdk_stream_urls"]) == []


def test_signatures_are_checked_with_the_headers_of_both_profiles(
    whole: Mapping[str, Transcript],
) -> None:
    made = [one for one in calls(whole["sdk_signatures"]) if one.method.startswith("verify")]
    assert [one for one in made if "error" in one.outcome] == []
    headers = [str(one.arguments["headers"]).lower() for one in made]
    ours, others = (
        sum(prefix in one for one in headers) for prefix in ("x-ai-stats-", "x-phaseo-")
    )
    assert ours == others == len(made) / 2 - 1


def test_a_gateway_behind_the_sdk_shows_batch_stream_and_deliveries(
    whole: Mapping[str, Transcript],
) -> None:
    created = calls(whole["sdk_batch_at_a_gateway"])[0]
    assert at(created.outcome, "/value/websocket_url").startswith("ws://")
    [(_, stream)] = whole["sdk_stream_at_a_gateway"].of(Stream)
    assert [frame.sender for frame in stream.frames] == ["server"]
    checked = calls(whole["sdk_deliveries_of_a_gateway"])
    assert {call.outcome["value"] for call in checked} == {True}
    assert len(checked) == len(list(whole["sdk_deliveries_of_a_gateway"].of(Delivery)))


FREE = [name for name in NAMES if name not in {"sdk_environment", "sdk_late_answers"}]


def test_an_sdk_with_few_methods_is_asked_for_no_others_but_once(
    driven: Driven, poor: Callable[..., AdapterHost]
) -> None:
    few = {"batches.create": "batches.create", "batches.get": "batches.get"}
    found = driven(poor(methods=few), FREE)
    assert [one.failure for one in found.values() if one.crashed] == []
    stops = {name: one.failure for name, one in found.items() if one.failure}
    assert stops == {}
    asked = [call.method for call in calls(found.pop("sdk_surface")) if "error" in call.outcome]
    assert sorted(asked) == sorted(set(METHODS) - set(few))
    assert {call.method for one in found.values() for call in calls(one)} == set(few)


def test_an_sdk_without_any_method_is_asked_for_each_once(
    driven: Driven, poor: Callable[..., AdapterHost]
) -> None:
    found = driven(poor(methods={}), FREE)
    stopped = {"sdk_batch_at_a_gateway"}
    assert {name for name, one in found.items() if one.failure} == stopped
    assert {name for name, one in found.items() if calls(one)} == {"sdk_surface"}


def test_an_sdk_that_builds_no_client_stops_what_needs_one(
    driven: Driven, poor: Callable[..., AdapterHost]
) -> None:
    def refuse(self: Any, settings: Any) -> None:
        raise ValueError("never")

    found = driven(poor(open=refuse), FREE)
    assert [one for one in found.values() if one.crashed or calls(one)] == []
    reasons = {one.failure for one in found.values()} - {None}
    assert reasons == {"the SDK builds no client: never"}


def test_an_sdk_that_takes_one_call_at_a_time_is_not_made_to_wait(
    driven: Driven, poor: Callable[..., AdapterHost], reference: AdapterHost
) -> None:
    hello = {**reference.adapter.hello(), "concurrency": 1}
    [seen] = driven(poor(hello=lambda self: hello), ["sdk_many_at_once"]).values()
    assert len(calls(seen)) == len(seen.exchanges) == 32


def test_an_adapter_that_breaks_is_a_crash_and_no_finding(
    driven: Driven, poor: Callable[..., AdapterHost]
) -> None:
    host = poor(call=lambda self, client, method, args: object())
    [seen] = driven(host, ["sdk_base_urls"]).values()
    assert seen.crashed
    assert (seen.failure or "").startswith("sdk_base_urls: AdapterBroke: sdk_base_urls-1 ")


def test_a_gateway_alone_has_no_sdk_to_call(server: MockServer) -> None:
    async def go() -> None:
        target = MockTarget(server=server)
        session = await target.open("plain")
        with pytest.raises(ScenarioStopped, match="the target is no SDK"):
            await all_scenarios()["sdk_ids"].drive(session)
        await target.close()

    asyncio.run(go())
