from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import ORIGIN, batch, exchange, refused, transcript, upload
from conformance.transcript import Exchange, Request, Response, Step, Wallet

OPEN = (("content-type", "application/json"), ("access-control-allow-origin", "*"))


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def unauthorised(reason: Any = "no_key", *, key: str | None = None, **body: Any) -> Exchange:
    answer = {**refused(401, "unauthorised", reason), **body}
    return exchange("GET", "/batches", answer, status=401, key=key)


def told(key: str, reason: Any, status: int = 401) -> Exchange:
    return exchange("GET", "/batches", {"reason": reason}, status=status, key=key)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_other_spelling_of_the_scheme_is_no_credential(scheme: str) -> None:
    headers = (("authorization", f"{scheme} {{{{key:a}}}}"),)
    request = Request("GET", f"{ORIGIN}/v1/batches", headers)
    taken, turned_away = Exchange(request, Response(200)), Exchange(request, Response(401))
    assert found("REST-AUTH-03", turned_away) == (1, [])
    assert found("REST-AUTH-03", taken) == (1, [""])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/batches"),
        ("GET", "/batch"),
        ("GET", "/batches/batch_1"),
        ("POST", "/batches/batch_1/cancel"),
        ("POST", "/files"),
        ("GET", "/files/file_1/content"),
    ],
)
def test_call_without_credentials_is_answered_401(method: str, path: str) -> None:
    good = exchange(method, path, refused(401), status=401, key=None)
    served = exchange(method, path, {}, key=None)
    assert found("REST-AUTH-01", good) == (1, [])
    assert found("REST-AUTH-01", served) == (1, [""])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            [
                told("unknown", "not_found"),
                told("revoked", "not_found"),
                told("expired", "expired"),
                told("wrong-secret", "wrong"),
            ],
            (4, []),
        ),
        ([told("unknown", "no"), told("unknown", "no")], (2, [])),
        ([told("expired", "no"), told("wrong-secret", "no")], (2, ["/reason"])),
        ([told("revoked", "no"), told("expired", "no")], (2, ["/reason"])),
        ([told("expired", None)], (1, ["/reason"])),
        ([told("revoked", "served", 200)], (1, ["/reason"])),
        ([told("revoked", "batch_api_temporarily_disabled", 501)], (0, [])),
        ([told("a", "no"), unauthorised("no")], (0, [])),
    ],
)
def test_refused_keys_are_told_apart_by_reason(steps: list[Step], expected: Any) -> None:
    assert found("REST-AUTH-05", *steps) == expected


SENT = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
UPLOAD = upload(b"{}", {"id": "file_1"})
REFUSED = exchange("POST", "/batches", refused(401), status=401, sent=SENT, key="wrong-secret")


def listing(*items: Any, key: str = "a") -> Exchange:
    return exchange("GET", "/batches", {"object": "list", "data": list(items)}, key=key)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([UPLOAD, REFUSED, listing()], (1, [])),
        ([UPLOAD, REFUSED, listing(batch(input_file_id="file_2"))], (1, [])),
        ([UPLOAD, REFUSED, listing("no batch", batch())], (1, ["/data"])),
        ([UPLOAD, listing(batch()), REFUSED], (0, [])),
        ([UPLOAD, REFUSED, listing(batch(), key="b")], (0, [])),
        ([REFUSED, listing(batch())], (0, [])),
        ([UPLOAD, exchange("POST", "/batches", batch(), sent=SENT), REFUSED, listing()], (0, [])),
    ],
)
def test_create_refused_with_401_makes_no_batch(steps: list[Step], expected: Any) -> None:
    assert found("REST-AUTH-06", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([Wallet("a", 9, 5), REFUSED, Wallet("a", 9, 5)], (1, [])),
        ([Wallet("a", 9, 5), REFUSED, Wallet("a", 9, 6)], (1, [""])),
        ([Wallet("a", 9, 5), REFUSED, listing(), Wallet("a", 9, 6)], (1, [""])),
        ([Wallet("a", 9, 5), REFUSED, exchange("GET", "/batches/x"), Wallet("a", 9, 6)], (0, [])),
        ([Wallet("a", 9, 5), REFUSED], (0, [])),
        ([Wallet("b", 9, 5), REFUSED, Wallet("b", 9, 6)], (0, [])),
    ],
)
def test_create_refused_with_401_holds_no_credit(steps: list[Step], expected: Any) -> None:
    assert found("REST-AUTH-06", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([unauthorised(request_id="G-1"), unauthorised(request_id="G-2")], (2, [])),
        ([unauthorised(request_id="G-1"), unauthorised(request_id="G-1")], (2, ["/request_id"])),
        ([unauthorised(request_id=None)], (1, ["/request_id"])),
        ([unauthorised(request_id=7)], (1, ["/request_id"])),
        ([unauthorised(error={"message": "the provider's"}, key="a", request_id=None)], (0, [])),
        ([exchange("GET", "/nowhere", b"no", status=401)], (0, [])),
        ([exchange("OPTIONS", "/batches", status=401, key=None)], (0, [])),
        ([exchange("GET", "/batches", b"no", status=401)], (1, ["/request_id"])),
    ],
)
def test_each_401_has_a_request_id_of_its_own(steps: list[Step], expected: Any) -> None:
    assert found("REST-AUTH-07", *steps) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (exchange("GET", "/batches", {}, headers=OPEN), (1, [])),
        (exchange("GET", "/batches", {}), (1, [""])),
        (exchange("OPTIONS", "/batches", status=204, key=None, headers=OPEN), (2, [])),
        (exchange("OPTIONS", "/batches", refused(401), status=401, key=None), (2, ["", ""])),
        (exchange("OPTIONS", "/batches", status=401, headers=OPEN), (1, [])),
        (exchange("GET", "/nowhere", b"no", status=404), (0, [])),
    ],
)
def test_any_origin_may_call(step: Step, expected: Any) -> None:
    assert found("REST-AUTH-08", step) == expected
