import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.requirements import Case, Requirement, registry
from conformance.scenarios.playing import needed, play, playable, unknown_id, unknown_token
from conformance.scenarios.refusals import refusals
from conformance.tables import label_of
from conformance.targets.session import Session
from conformance.targets.wire import Outgoing
from conformance.transcript import Body, Exchange, Request, Response

KEYS = {
    "a": "aistats_v1_sk_goodgoodgood_secretsecret",
    "b": "aistats_v1_sk_otherother_secretsecret",
}


class Recorder:
    """A wire that keeps what it was given and answers 404 to everything."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, outgoing: Outgoing, _redactor: Redactor, _start: float) -> Exchange:
        self.sent.append(outgoing)
        request = Request(outgoing.method, outgoing.url, outgoing.headers)
        return Exchange(request, Response(404, (), Body(b"{}")), label=outgoing.label)


def case(name: str = "case", **request: Any) -> Case:
    return Case(name, {"method": "GET", "path": "/batches", **request}, {"status": [400]})


def row(*cases: Case) -> Requirement:
    return replace(registry()["REST-VALID-01"], table=cases)


def played(
    cases: list[Case], fixtures: Mapping[str, str] | None = None, given: str | None = None
) -> list[Outgoing]:
    wire = Recorder()
    session = Session("test", "http://gateway.test/v1", wire, KEYS, Redactor({}))
    asyncio.run(play(session, row(*cases), fixtures or {}, given=given))
    return wire.sent


def test_only_what_a_scenario_must_prepare_is_needed() -> None:
    body = {"{member}": "{file:good}", "model": "{model}", "list": ["{batch:done}", 7, None]}
    headers = {"X-API-Key": "{key}"}
    raw = '{"a": {"b": "{any-file}"}}'
    assert needed(case(body=body, headers=headers)) == {"member", "file:good", "batch:done"}
    assert needed(case(path="/batches/{unknown-batch}", raw=raw)) == frozenset()


PLAIN = case("plain")
OF_FILE = case("of-file", path="/files/{file:good}")
OF_BATCH = case("of-batch", path="/batches/{batch:done}", given="completed|failed")
WHEN_OFF = case("when-off", given="switched-off")


@pytest.mark.parametrize(
    ("fixtures", "given", "names"),
    [
        ({}, None, ["plain"]),
        ({"file:good": "f"}, None, ["of-file"]),
        ({"file:good": "f", "batch:done": "b"}, None, ["of-file"]),
        ({"batch:done": "b"}, "failed", ["of-batch"]),
        ({"file:other": "f"}, None, []),
        ({}, "switched-off", ["when-off"]),
    ],
)
def test_cases_are_played_where_their_needs_are_met(
    fixtures: dict[str, str], given: str | None, names: list[str]
) -> None:
    all_cases = row(PLAIN, OF_FILE, OF_BATCH, WHEN_OFF)
    assert [one.name for one in playable(all_cases, fixtures, given)] == names


def test_request_is_filled_and_labelled() -> None:
    one = case(
        "odd",
        method="POST",
        path="/batches/{batch:done}/cancel",
        query="x={key}",
        headers={"X-Test": "1"},
        body={"input_file_id": "{file:good}"},
    )
    sent = played([one], {"batch:done": "a/b?", "file:good": "file_1"})[0]
    assert (sent.method, sent.content, sent.label) == (
        "POST",
        b'{"input_file_id":"file_1"}',
        "REST-VALID-01/odd",
    )
    assert sent.url == f"http://gateway.test/v1/batches/a%2Fb%3F/cancel?x={KEYS['a']}"
    assert dict(sent.headers)["X-Test"] == "1"


@pytest.mark.parametrize(
    ("word", "header"),
    [
        ("key", f"Bearer {KEYS['a']}"),
        ("b", f"Bearer {KEYS['b']}"),
        ("none", None),
    ],
)
def test_credential_words_name_keys(word: str, header: str | None) -> None:
    sent = played([case(credential=word)])[0]
    assert dict(sent.headers).get("authorization") == header


def test_unknown_key_is_made_up_afresh() -> None:
    first, second = (dict(sent.headers) for sent in played([case(credential="unknown")] * 2))
    assert first["authorization"].startswith("Bearer aistats_v1_sk_")
    assert first != second


def test_case_without_its_key_is_left_out() -> None:
    assert [sent.label for sent in played([case("x", credential="revoked"), PLAIN])] == [
        "REST-VALID-01/plain"
    ]


def test_raw_text_is_sent_as_json_even_when_empty() -> None:
    sent = played([case(method="POST", raw="")])[0]
    assert (sent.content, dict(sent.headers)["content-type"]) == (b"", "application/json")


def test_unknown_ids_and_tokens_are_never_the_same() -> None:
    assert unknown_id("batch_").startswith("batch_")
    assert unknown_id("batch_") != unknown_id("batch_")
    assert unknown_token() != unknown_token()


def test_refusals_plays_every_free_case_once() -> None:
    wire = Recorder()
    session = Session("test", "http://gateway.test/v1", wire, KEYS, Redactor({}))
    asyncio.run(refusals(session))
    labels = [sent.label for sent in wire.sent]
    assert len(labels) == len(set(labels))
    first = registry()["REST-AUTH-01"]
    assert {label_of(first, one) for one in first.table} <= set(labels)
    assert all("{" not in sent.url for sent in wire.sent)
