"""Batches of earlier times: what is asked of whom, what is left out, and what the reads show."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance.checks import judge
from conformance.drive import drive
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.gateway import GatewayOptions, GatewayTarget
from conformance.targets.price_file import read_prices
from conformance.targets.session import Existing
from conformance.testing import batch
from conformance.transcript import Transcript
from conformance.verdicts import Judgement

NEWEST, NAMED = "examine_the_newest", "read_the_named"
PRICES = {"mock-mini": {"input_nanos": 1000, "output_nanos": 2000}}
BUILT = [row for row in registry().masters() if not registry().is_pending(row)]


def driven(name: str, options: GatewayOptions) -> tuple[Transcript, list[str]]:
    kept: list[Transcript] = []
    target = GatewayTarget(options)
    asyncio.run(drive([all_scenarios()[name]], target, keep=kept.append))
    [seen] = kept
    assert (seen.failure, seen.crashed) == (None, False)
    return seen, target.notes


def judged(seen: Transcript) -> dict[str, Judgement]:
    found = judge([seen], BUILT, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    return found


def broken(seen: Transcript) -> set[str]:
    return {one for one, found in judged(seen).items() if found.broken}


class Customer:
    """Somebody who makes batches at a mock gateway and sees them through."""

    def __init__(self, server: MockServer) -> None:
        self.url = server.url
        self.keys = {"a": server.default_keys()["AI_STATS_API_KEY"]}
        headers = {"authorization": f"Bearer {self.keys['a']}"}
        self._http = httpx.Client(base_url=server.url, headers=headers)
        self._control = f"{server.control_url}/workspaces/{server.workspace_id}/actions"
        self.batches: dict[str, str] = {}

    def makes(
        self,
        name: str,
        *rows: dict[str, Any],
        life: str = "complete",
        reads: int = 5,
        **more: Any,
    ) -> str:
        httpx.post(self._control, json={"action": "life_scripted", "life": life})
        lines = "".join(
            json.dumps({"custom_id": f"r{n}", "method": "POST", "url": "/v1/responses",
                        "body": {"model": "mock-mini", "input": "One word.", **row}}) + "\n"
            for n, row in enumerate(rows)
        )  # fmt: skip
        sent = self._http.post(
            "/files", files={"file": ("r.jsonl", lines)}, data={"purpose": "batch"}
        )
        request = {"input_file_id": sent.json()["id"], "endpoint": "/v1/responses", **more}
        created = self._http.post("/batches", json={**request, "completion_window": "24h"})
        self.batches[name] = str(created.json()["id"])
        for _ in range(reads):
            self._http.get(f"/batches/{self.batches[name]}")
        return self.batches[name]

    def makes_one_of_each(self) -> None:
        self.makes("good", {}, {})
        self.makes("partial", {}, {"temperature": 9})
        self.makes("other-model", {"model": "mock-large"})
        self.makes("free", {"model": "mock-free"})
        for life in ("failed", "expired", "cancelled"):
            self.makes(life, {}, life=life)
        self.makes("running", {}, reads=1)
        self.makes("new", {}, reads=0)
        self.makes("hooked", {}, webhook={"url": "https://hooks.example.com/", "secret": "whsec_1"})

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def customer_of() -> Iterator[Callable[..., Customer]]:
    """Starts a mock gateway with these faults and returns a customer of it."""
    started: list[tuple[MockServer, Customer]] = []

    def start(*faults: str) -> Customer:
        server = MockServer(faults=faults).start()
        started.append((server, Customer(server)))
        return started[-1][1]

    yield start
    for server, customer in started:
        customer.close()
        server.stop()


def card(folder: Path) -> Any:
    path = folder / "prices.json"
    path.write_text(json.dumps(PRICES), "utf-8")
    return read_prices(str(path))


def test_batches_of_every_kind_that_others_made_raise_no_alarm(
    customer_of: Callable[..., Customer], tmp_path: Path
) -> None:
    customer = customer_of()
    customer.makes_one_of_each()
    named = (*customer.batches.values(), "batch_of_nobody")
    options = GatewayOptions(
        customer.url, customer.keys, prices=card(tmp_path), existing=Existing(named, 9)
    )
    for name in (NEWEST, NAMED):
        seen, notes = driven(name, options)
        found = judged(seen)
        assert broken(seen) == set()
        shown = {one for one, judgement in found.items() if judgement.judged}
        unaimed = shown - all_scenarios()[name].aims
        assert {one for one in unaimed if not one.startswith(("REST-ERR-", "REST-AUTH-"))} == set()
        assert len(shown) > 95
    assert notes == ["--batch-id batch_of_nobody: HTTP 404 not_found, batch_not_found_or_not_owned"]
    assert {"BILL-LINE-06", "REST-FILES-09", "REST-FILES-12"} <= shown


@pytest.mark.parametrize(
    ("fault", "id_"),
    [
        ("cents-rounded-up", "BILL-SUM-07"),
        ("float-rounding-of-half-nanos", "BILL-LINE-06"),
        ("completed-at-99-percent", "REST-STATE-06"),
    ],
)
def test_a_defect_shows_in_batches_that_are_there_already(
    fault: str, id_: str, customer_of: Callable[..., Customer], tmp_path: Path
) -> None:
    customer = customer_of(fault)
    named = (customer.makes("good", *({"model": "mock-fine"},) * 5),)
    path = tmp_path / "prices.json"
    fine = [
        {"meter": f"{way}_text_tokens", "unit_size": 1_000_000, "price_per_unit": price}
        for way, price in (("input", "0.0375"), ("output", "0.15"))
    ]
    path.write_text(json.dumps({"mock-fine": fine}), "utf-8")
    options = GatewayOptions(
        customer.url, customer.keys, prices=read_prices(str(path)), existing=Existing(named)
    )
    assert id_ in broken(driven(NAMED, options)[0])


def test_prices_are_said_only_for_a_batch_whose_rows_they_all_cover(
    customer_of: Callable[..., Customer], tmp_path: Path
) -> None:
    customer = customer_of()
    named = (customer.makes("good", {}), customer.makes("other", {}, {"model": "mock-large"}))
    options = GatewayOptions(
        customer.url, customer.keys, prices=card(tmp_path), existing=Existing(named)
    )
    seen, _ = driven(NAMED, options)
    cards = [edge.detail["prices"] for _, edge in seen.edges("price_card")]
    assert [len(one) for one in cards] == [2, 0]
    assert judged(seen)["BILL-LINE-06"].judged == 1


def test_nothing_but_reads_is_sent_and_twice_each(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    running = reply(body=batch("in_progress"))
    server = scripted(lambda _m, _p: running)
    existing = Existing(("batch_1", "b%2?x"))
    driven(NAMED, GatewayOptions(server.url, {"a": "secret-a"}, existing=existing))
    found = [(method, path) for method, path, _ in server.requests]
    assert found == [
        ("GET", f"/v1{prefix}/{one}")
        for one in ("batch_1", "b%252%3Fx")
        for prefix in ("/batches", "/batches", "/batch")
    ]


HOSTILE: list[Any] = [
    None, 7, "batch", {"id": 7}, {"id": None}, {"id": ["b"]}, {"id": ""}, {"id": "../b"},
    {"id": ".."}, {"id": "models"}, {"id": "x" * 500}, {"id": "a b"}, {"id": "\ud800"},
    {"id": "good"}, {"id": "too-many"},
]  # fmt: skip


def test_hostile_ids_of_a_list_are_left_out_and_no_more_than_asked_for_is_read(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    listing = reply(body={"object": "list", "data": HOSTILE})
    server = scripted(lambda _m, path: listing if "?" in path else reply(status=500))
    options = GatewayOptions(server.url, {"a": "secret-a"}, existing=Existing(newest=1))
    driven(NEWEST, options)
    found = [path for _, path, _ in server.requests]
    assert found == [
        "/v1/batches?limit=1", "/v1/batches/good", "/v1/batches/good", "/v1/batch/good",
    ]  # fmt: skip


@pytest.mark.parametrize("listing", [{"data": []}, {"data": 5}, [], {}])
def test_without_a_batch_there_is_nothing_to_read(
    listing: Any, scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    server = scripted(lambda _m, _p: reply(body=listing))
    driven(NEWEST, GatewayOptions(server.url, {"a": "x"}, existing=Existing(newest=3)))
    assert len(server.requests) == 1


def test_none_to_examine_sends_nothing(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    server = scripted(lambda _m, _p: reply())
    options = GatewayOptions(server.url, {"a": "x"})
    assert [driven(name, options)[0].steps for name in (NEWEST, NAMED)] == [(), ()]
    assert server.requests == []


ENDED = batch("completed", output_file_id="file_out", error_file_id="../x", input_file_id=7)


def files_asked(server: Any) -> list[str]:
    return [path for _, path, _ in server.requests if "/files/" in path]


def test_only_usable_ids_of_files_are_asked_for(
    scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    gone = reply(status=404, body={"error": "not_found"})
    server = scripted(lambda _m, path: gone if "/files/" in path else reply(body=ENDED))
    existing = Existing(("batch_1",))
    seen, _ = driven(NAMED, GatewayOptions(server.url, {"a": "x"}, existing=existing))
    assert files_asked(server) == ["/v1/files/file_out/content"]
    assert [judged(seen)[one].judged for one in ("REST-FILES-07", "REST-FILES-08")] == [0, 0]


def test_a_content_without_end_leads_to_no_finding(
    scripted: Callable[..., Any], reply: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.targets.wire.MAX_BODY_BYTES", 1000)
    long = reply(body=b'{"custom_id":"r1"}\n' * 1000)
    server = scripted(lambda _m, path: long if "/files/" in path else reply(body=ENDED))
    existing = Existing(("batch_1",))
    seen, _ = driven(NAMED, GatewayOptions(server.url, {"a": "x"}, existing=existing))
    ids = [one for one in judged(seen) if one.startswith("REST-FILES-")]
    assert {one: judged(seen)[one].judged for one in ids} == dict.fromkeys(ids, 0)


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ({"status": 404, "body": {"error": "not_found"}}, "HTTP 404 not_found"),
        ({"status": 502, "body": b"<p>"}, "HTTP 502"),
        (
            {"status": 401, "body": {"error": "a\x1b[31m", "reason": "db_error"}},
            "HTTP 401 db_error",
        ),
        ({"status": 403, "body": {"error": {"type": 5}, "reason": "x" * 999}}, "HTTP 403 xxx"),
    ],
)
def test_an_id_that_cannot_be_read_is_a_note_and_the_others_go_on(
    answer: Any, note: str, scripted: Callable[..., Any], reply: Callable[..., Any]
) -> None:
    good, bad = reply(body=batch("in_progress", id="b2")), reply(**answer)
    server = scripted(lambda _m, path: bad if path.endswith("b1") else good)
    options = GatewayOptions(server.url, {"a": "x"}, existing=Existing(("b1", "b2")))
    seen, notes = driven(NAMED, options)
    assert len(seen.exchanges) == 4
    assert len(notes) == 1
    assert notes[0].startswith(f"--batch-id b1: {note}")
    assert len(notes[0]) < 230
    assert judged(seen)["REST-GET-02"].judged == 0
