from typing import Any

import pytest

from conformance.checks.sdk import _asked
from conformance.sdk_views import calls
from conformance.testing import observed
from conformance.testing_sdk import BASE, failed, opened, returned, sdk, wire


def first(said: Any, **around: Any) -> Any:
    return calls(observed(*sdk(said, **around)))[0]


@pytest.mark.parametrize("target", ["/", "//x", "/v1/../x?a=b#c", "/a%2Fb", "/a b"])
def test_a_target_is_shown_as_it_was_sent(target: str) -> None:
    assert _asked.line_of(wire(f"GET {target}")) == f"GET {target}"


def test_a_url_without_an_origin_is_shown_whole() -> None:
    assert _asked.target_of(wire("GET nowhere", origin="")) == "nowhere"
    assert _asked.place_of(wire("GET nowhere", origin="")).segments == ()


def test_every_value_of_a_header_is_found() -> None:
    request = wire("GET /", more=(("X-A", "1"), ("x-a", "2"))).request
    assert _asked.all_values(request, "x-a") == ["1", "2"]


def test_the_wanted_line_has_the_id_escaped() -> None:
    call = first(failed("cancelBatch", kind="argument", batch_id="a/b"))
    assert _asked.wanted_line(call) == "POST /v1/batches/a%2Fb/cancel"


@pytest.mark.parametrize(
    ("said", "base", "small"),
    [
        (failed("getBatch", kind="argument", batch_id="b"), BASE, True),
        (failed("getBatch", kind="argument", batch_id="b"), f"{BASE}/", False),
        (failed("getBatch", kind="argument", batch_id="ü"), BASE, False),
        (failed("createBatch", kind="argument", request={"input_file_id": "f"}), BASE, False),
        (failed("listBatches", kind="argument"), BASE, True),
    ],
)
def test_an_ordinary_call_is_known_to_the_letter(said: Any, base: str, small: Any) -> None:
    assert _asked.is_small(first(said, clients=[opened(base_url=base)])) is small


def test_a_call_that_was_never_sent_shows_its_error() -> None:
    finding = _asked.unsent(first(failed("getBatch", kind="argument", batch_id="b")))
    assert finding is not None
    assert (finding.seen, finding.expected) == (
        "argument error acme.Error: it failed",
        "GET /v1/batches/b",
    )


def test_a_body_is_read_from_the_request() -> None:
    call = first(returned("createBatch", wire("POST /v1/batches", {"a": 1}), request={}))
    assert _asked.body_of(call) == {"a": 1}
    assert _asked.body_of(first(failed("createBatch", kind="other"))) is None


def test_a_long_value_is_cut() -> None:
    assert len(_asked.shortly("x y" * 1000)) == 120
