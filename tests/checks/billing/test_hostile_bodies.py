"""Each member of a bill replaced by each hostile value: found where it is typed, no crash."""

import json
from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump
from conformance.requirements import Level, registry
from conformance.testing import batch, edge, exchange, transcript
from conformance.transcript import Body, Delivery, Frame, Request, Stream, Wallet

GOOD, HUGE = "0.000400000", "9" * 400
NOT_A_NUMBER = ["true", '"400000"', '"1\\u0000\\u001b"', "[]", "{}", '[{"cost_nanos":[1]}]', '""']
OUT_OF_RANGE = ["-1", "-1e-400", "-7.5", f"-{HUGE}"]
TOO_LARGE = ["9007199254740992", HUGE, "1e400", "1e999999999"]
FRACTIONS = ["0.1", "0.5e0", "1e-999999999", "400000.0000000000000000001", "9007199254740990.5"]
ODD_TEXTS = ['"\\u202e$"', f'"{"9" * 9999}"', '"NaN"', '"1e999999999"', '"-0.000400000"']
FREE = ["null", "0", "400000.0", "4e5", "false", "-0", "1e5", "0.0004"]
NUMBERS = OUT_OF_RANGE + TOO_LARGE + FRACTIONS
EVERYTHING = NOT_A_NUMBER + NUMBERS + ODD_TEXTS + FREE

NO_AMOUNT = NOT_A_NUMBER + NUMBERS + ["false"]
NO_NUMBER = [*NOT_A_NUMBER, "false", "-1", "-7.5"]
NO_TEXT = ["true", "0", "0.1", HUGE, "[]", "{}", "1e400"]
NO_FLAG = ["0", "1", '"true"', "null", "[]", "{}", "1e400"]
NO_OBJECT = ["0", "true", '"x"', "[]", "1e400"]
NO_MONEY_TEXT = [*NO_TEXT, '"0.0004"', '""', *ODD_TEXTS]

LINE = {
    "dimension": "input_text_tokens",
    "quantity": 400,
    "billable_units": 400,
    "unit_size": 1,
    "unit_price_usd": "0.000001000",
    "line_cost_usd": GOOD,
    "line_nanos": 400000,
    "pricing_plan": "batch",
    "service_tier": "batch",
}
SUMMARY = {
    "dimension": "batch_requests",
    "pricing_plan": "batch",
    "service_tier": "batch",
    "endpoint": "/v1/responses",
    "units": 2,
    "total_nanos": 400000,
    "total_usd_str": GOOD,
}
SUMS = {
    "total_nanos": 400000,
    "total_usd_str": GOOD,
    "total_cents": 0,
    "completed_requests": 2,
    "failed_requests": 0,
    "total_requests": 2,
}
AMOUNTS = (
    "estimated_nanos",
    "reserved_nanos",
    "estimation_sample_size",
    "estimation_total_rows",
    "total_nanos",
    "cost_nanos",
)
COSTS = [f"{kind}_{who}_cost" for kind in ("estimated", "settled") for who in ("provider", "user")]
LONG = {
    "billed": True,
    "charged": True,
    "reason": "charged:captured",
    "currency": "usd",
    "state": "settled",
    "reservation_id": "batch_hold:G-01JZQ4T9W6M3X8E2B7K5N1RCDV",
    "reservation_status": "captured",
    **dict.fromkeys(COSTS, "0.00"),
    **dict.fromkeys(AMOUNTS, 400000),
    "estimation_truncated": None,
    "estimation_sample_size": None,
    "estimation_total_rows": None,
    "cost_usd": 0.0004,
    "finalized_at": "2026-07-09T10:05:00.000Z",
    "pricing_breakdown": SUMS,
}
USAGE = {
    "requests": 2,
    "input_tokens": 400,
    "output_tokens": 0,
    "total_tokens": 400,
    "cost_nanos": 400000,
    "cost_usd": 0.0004,
    "currency": "USD",
}
CARD = [{"meter": "input_text_tokens", "unit_size": 1, "price_per_unit": "0.000001"}]
ROW = '{"response":{"status_code":200,"body":{"model":"m","usage":{"input_tokens":200}}}}'

# What must be found, by member. A member that is not here is typed by no MUST: unit_size, endpoint.
FOUND = {
    "/billing": [*NO_OBJECT, "null"],
    "/pricing_lines": ["0", "true", '"x"', "{}", "null", "1e400"],
    "/pricing_lines/0": [*NO_OBJECT, "null"],
    "/pricing_lines/0/dimension": [*NO_TEXT, "null", '""'],
    "/pricing_lines/0/line_nanos": [*NO_AMOUNT, "null"],
    "/pricing_lines/0/total_nanos": [*NO_AMOUNT, "null"],
    "/pricing_lines/0/quantity": [*NO_NUMBER, "null"],
    "/pricing_lines/0/billable_units": [*NO_NUMBER, "null", "1e400", "1e-999999999"],
    "/pricing_lines/0/units": NO_NUMBER,
    "/pricing_lines/0/line_cost_usd": [*NO_MONEY_TEXT, "null"],
    "/pricing_lines/0/total_usd_str": NO_MONEY_TEXT,
    "/pricing_lines/0/unit_price_usd": [],
    "/billing/billed": NO_FLAG,
    "/billing/charged": NO_FLAG,
    "/billing/reason": [*NO_TEXT, "null", '""'],
    "/billing/currency": [*NO_TEXT, "null"],
    "/billing/state": [*NO_TEXT, "null", *ODD_TEXTS],
    "/billing/estimation_truncated": ["0", '"x"', "[]", "{}", "1e400"],
    "/billing/cost_usd": [*NO_NUMBER, *NUMBERS, "null", "0", "4e5"],
    "/billing/pricing_breakdown": NO_OBJECT,
    "/billing/pricing_breakdown/total_usd_str": [*NO_MONEY_TEXT, "null"],
    **{f"/billing/{name}": NO_AMOUNT for name in AMOUNTS},
    **{f"/billing/{name}": NO_TEXT for name in COSTS},
    **{
        f"/billing/{name}": NO_TEXT
        for name in ("reservation_id", "reservation_status", "finalized_at")
    },
    **{
        f"/billing/pricing_breakdown/{name}": [*NUMBERS] for name in SUMS if name != "total_usd_str"
    },
}


def paths(value: Any, pointer: str = "") -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    found = [] if not pointer else [pointer]
    for name, member in members:
        below = f"{pointer}/{name}"
        found += paths(member, below) if isinstance(member, dict | list) else [below]
    return found


def body(lines: Any) -> dict[str, Any]:
    bill = {"pricing_lines": lines, "billing": LONG, "usage": USAGE}
    return batch("completed", finalized_at=LONG["finalized_at"], **bill)


def bent(value: Any, pointer: str, token: str) -> str:
    """The JSON text of a body with the raw text of a value put at a pointer."""
    copy = json.loads(dump(value))
    *parents, last = pointer[1:].split("/")
    place = copy
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    place[int(last) if isinstance(place, list) else last] = "@here@"
    return dump(copy).replace('"@here@"', token)


def steps(text: str, whole: Any, turn: int) -> list[Any]:
    """The bent body in every role: of a create, later than a whole one, with rows, as a message."""
    content = text.replace("batch_1", f"batch_{turn}").replace("file_out", f"file_{turn}")
    earlier = {**whole, "id": f"batch_{turn}"}
    data = f'{{"type":"job.updated","data":{content}}}'
    request = Request("GET", f"ws://gateway.test/v1/async/batch/batch_{turn}/ws")
    purse, key = Wallet(f"key_{turn}", 10**9, 0), f"key_{turn}"
    return [
        edge("price_card", prices=CARD),
        purse,
        exchange("POST", "/batches", content.encode(), key=key),
        purse,
        exchange("GET", f"/batches/batch_{turn}", earlier, at_ms=10, key=key),
        exchange("GET", f"/batches/batch_{turn}", content.encode(), at_ms=20, key=key),
        purse,
        exchange("GET", f"/files/file_{turn}/content", f"{ROW}\n{ROW}".encode(), at_ms=30),
        Stream(request, None, (Frame("server", 30, data),), at_ms=30),
        Delivery("POST", "/hook", (), Body(data.encode()), at_ms=40),
    ]


def breaches(texts: list[str], whole: Any, profile: str) -> list[set[str]]:
    """The pointers of the MUSTs that each text breaks; no check of any level may crash."""
    rows = [row for row in registry().masters(profile) if row.family == "billing"]
    every = [step for turn, text in enumerate(texts) for step in steps(text, whole, turn)]
    judged = judge([transcript(*every)], rows, profile)
    assert [one.crash for one in judged.values() if one.crash] == []
    found: list[set[str]] = [set() for _ in texts]
    for row in rows:
        if row.level is Level.MUST:
            for finding in judged[row.id].broken:
                found[((finding.step or 0) - 1) * len(texts) // len(every)].add(finding.pointer)
    return found


def unfound(whole: Any, pointer: str, must: list[str], places: set[str], profile: str) -> list[str]:
    """The values that had to be found at one of the places, and were not."""
    tokens = list(dict.fromkeys(EVERYTHING + must))
    found = breaches([bent(whole, pointer, token) for token in tokens], whole, profile)
    both = zip(tokens, found, strict=True)
    return [token for token, pointers in both if token in must and not places & pointers]


METERED, SUMMED = body([LINE]), body([SUMMARY])
PLACES = [("metered", one) for one in paths(METERED) if one.startswith(("/bill", "/pric"))]
PLACES += [("summed", one) for one in paths(SUMMED) if one.startswith("/pric")]
PLACES += [("metered", f"/request_counts/{name}") for name in ("total", "completed", "failed")]


@pytest.mark.parametrize(("form", "pointer"), PLACES)
def test_a_hostile_value_is_found_where_it_stands(form: str, pointer: str) -> None:
    whole = METERED if form == "metered" else SUMMED
    # A line that states no amount is found as a line.
    as_a_line = pointer in {"/pricing_lines/0/line_nanos", "/pricing_lines/0/total_nanos"}
    places = {pointer, "/pricing_lines/0"} if as_a_line else {pointer}
    assert unfound(whole, pointer, FOUND.get(pointer, []), places, "ai-stats") == []


@pytest.mark.parametrize("name", USAGE)
def test_a_hostile_usage_is_found_by_phaseo(name: str) -> None:
    typed = {"cost_usd": [*NOT_A_NUMBER, "false"], "currency": [*NO_TEXT, "null"]}
    must = typed.get(name, [*NOT_A_NUMBER, *FRACTIONS, "false"])
    assert unfound(METERED, f"/usage/{name}", must, {f"/usage/{name}"}, "phaseo") == []


@pytest.mark.parametrize("profile", ["ai-stats", "phaseo"])
def test_a_bill_that_nobody_bent_holds(profile: str) -> None:
    rows = [row for row in registry().masters(profile) if row.family == "billing"]
    must = [row for row in rows if row.level is Level.MUST]
    for whole in (METERED, SUMMED):
        read = transcript(exchange("GET", "/batches/batch_1", whole))
        assert [name for name, one in judge([read], must, profile).items() if one.broken] == []


@pytest.mark.parametrize(
    "text",
    [
        '{"id":"batch_1","status":"completed","billing":{"cost_nanos":1,"cost_nanos":2}}',
        '{"id":"batch_1","status":"completed","billing":{"cost_nanos":NaN}}',
        '{"id":"batch_1","status":"completed","billing":{"cost_nanos":-Infinity}}',
        '{"id":"batch_1","status":"completed","billing":{"cost_nanos":' + "9" * 5000 + "}}",
    ],
)
def test_a_bill_that_readers_would_read_differently_is_no_json(text: str) -> None:
    read = exchange("GET", "/batches/batch_1", text.encode())
    found = judge([transcript(read)], [registry()["REST-SHAPE-26"]], "ai-stats")
    assert len(found["REST-SHAPE-26"].broken) == 1
