from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import registry
from conformance.testing import batch, exchange, refused, transcript, upload
from conformance.transcript import Exchange, Step


def found(requirement: str, *steps: Step) -> tuple[int, list[str]]:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def models(*items: Any, query: str = "", path: str = "/batches/models", **more: Any) -> Exchange:
    return exchange("GET", path + query, {"object": "list", "data": list(items)}, **more)


def model(name: str, *params: str, **members: Any) -> dict[str, Any]:
    return {
        "model": name,
        "supported_params": list(params),
        "supported_parameters": list(params),
        **members,
    }


DETAILS = {"supported_params_detail": {"a": 1}, "supported_parameters_detail": {"a": 1}}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (model("m", "a"), (1, [])),
        (model("m", "a", **DETAILS, providers=[model("p", "a", **DETAILS)]), (4, [])),
        (model("m", supported_parameters=["b"]), (1, ["/data/0/supported_parameters"])),
        (model("m", supported_params_detail={}), (2, ["/data/0/supported_parameters_detail"])),
        (
            model("m", providers=[{"supported_params": []}, 7]),
            (2, ["/data/0/providers/0/supported_parameters"]),
        ),
        (model("m", providers=7), (1, [])),
        ("no item", (0, [])),
    ],
)
def test_both_spellings_of_the_parameters_agree(item: Any, expected: Any) -> None:
    assert found("REST-MODELS-03", models(item)) == expected


BOTH = ("endpoint", "completion_window")
TAKER = model("m", *BOTH, providers=[model("p", "endpoint"), model("q", *BOTH)])
ALIASES, CANONICAL = "?params=request_endpoint,window", "?params=endpoint&params=completion_window"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            [models(model("m", *BOTH), query=ALIASES), models(model("m", *BOTH), query=CANONICAL)],
            (4, []),
        ),
        ([models(model("m", "request_endpoint", "window"), query=CANONICAL)], (2, [])),
        ([models(model("m", "endpoint"), query=ALIASES)], (2, ["/data/0/supported_params"])),
        ([models("no item", query="?params=x")], (2, ["/data/0/supported_params"])),
        (
            [models(model("m", *BOTH), query=ALIASES), models(query=CANONICAL)],
            (3, ["/data"]),
        ),
        ([models(model("m", "x"), query="?params=x"), models(query="?params=x", key="b")], (3, [])),
        ([models(model("m"), query="?params=,"), models(model("m"))], (0, [])),
        ([models(TAKER), models(TAKER, query=ALIASES)], (3, [])),
        ([models(TAKER), models(query=ALIASES)], (2, ["/data"])),
        ([models(model("m", *BOTH)), models(query=ALIASES)], (1, [])),
        ([models(TAKER, key="b"), models(query=ALIASES)], (1, [])),
    ],
)
def test_params_filter_the_models(steps: list[Step], expected: Any) -> None:
    assert found("REST-MODELS-05", *steps) == expected


SENT = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
UNPRICED = refused(500, "gateway_error", "batch_reservation_pricing_unavailable")
FOR_IMAGES = {"supported_params_detail": {"endpoint": {"values": ["/v1/images/edits"]}}}


def made(answer: Any, status: int = 200, **members: Any) -> list[Step]:
    """An upload with a row for model m, and the answer to its create."""
    line = dump({"custom_id": "a", "body": {"model": "m"}}).encode()
    sent = {**SENT, **members}
    create = exchange("POST", "/batches", answer, status=status, sent=sent)
    return [upload(line, {"id": "file_1"}), create]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([models(model("m")), *made(batch())], (1, [])),
        ([models(model("m")), *made(UNPRICED, 500)], (1, ["/reason"])),
        ([models(model("other")), *made(UNPRICED, 500)], (0, [])),
        ([models(model("m", **FOR_IMAGES)), *made(UNPRICED, 500)], (0, [])),
        ([models(model("m")), *made(refused(402), 402)], (0, [])),
        ([models(model("m")), *made(UNPRICED, 500, input_file_id=7)], (0, [])),
        (made(UNPRICED, 500), (0, [])),
    ],
)
def test_listed_models_can_be_priced(steps: list[Step], expected: Any) -> None:
    assert found("REST-MODELS-06", *steps) == expected


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        (models(model("m"), path="/batch/models"), (1, [])),
        (models(path="/batch/models"), (1, [""])),
        (models(path="/batch/models", query="?params=x"), (0, [])),
        (models(path="/batch/models", key="b"), (0, [])),
        (models(), (0, [])),
        (exchange("GET", "/batch/models", refused(404), status=404), (0, [])),
    ],
)
def test_alias_lists_the_same_models(alias: Step, expected: Any) -> None:
    assert found("REST-MODELS-07", models(model("m")), alias) == expected
