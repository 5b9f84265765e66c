"""`conformance bill`: a bill explained, from bodies and cassettes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.cassettes import Header, save
from conformance.testing import batch, edge, exchange, transcript
from conformance.transcript import Step

RECORDINGS = Path(__file__).parents[2] / "cassettes" / "ai-stats"
DIGEST = "sha256:" + "0" * 64
LINE = {
    "dimension": "input_text_tokens", "quantity": 14, "billable_units": 0.000014,
    "unit_size": 1000000, "unit_price_usd": "0.037500000", "line_cost_usd": "0.000000526",
    "line_nanos": 526, "pricing_plan": "batch", "service_tier": "batch",
}  # fmt: skip
CARD = {"meter": "input_text_tokens", "unit_size": 1000000, "price_per_unit": "0.0375"}
ROW = b'{"response":{"status_code":200,"body":{"model":"m","usage":{"input_tokens":7}}}}\n'
PAID = {"billed": True, "charged": True, "reason": "charged", "cost_nanos": 526}


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "t.json"
    path.write_text(text, "utf-8")
    return str(path)


def cassette(folder: Path, *steps: Step, name: str = "run", profile: str = "ai-stats") -> str:
    header = Header({"kind": "gateway", "name": "g", "url": None}, profile, "0.1.0", DIGEST)
    return str(save(transcript(*steps, scenario=name), header, folder))


def settled_batch(name: str, line_nanos: int = 526) -> dict[str, Any]:
    line = {**LINE, "line_nanos": line_nanos}
    return {**batch("completed"), "id": name, "pricing_lines": [line], "billing": PAID}


def rows_of(out: str) -> dict[str, str]:
    """The stated steps: label to value and mark."""
    lines = out.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("stated"))
    rows = [line.split("  ", 1) for line in lines[begin + 1 : lines.index("", begin)]]
    return {label: " ".join(rest.split()) for label, rest in rows}


def test_a_recorded_bill_adds_up(conformance: Callable[..., Any]) -> None:
    path = RECORDINGS / "completed_charged.json"
    ended = conformance("bill", str(path))
    lines = ended.out.splitlines()
    assert (ended.status, ended.err, lines[-1]) == (0, "", "adds up")
    assert lines[0].endswith(": completed, 273000 nanos, 0.000273000 USD (profile ai-stats)")
    assert lines[1] == f"at {path}: step 9"
    assert lines[3].split()[-1] == "difference"
    assert lines[4].split() == [
        "0", "input_text_tokens", "33", "1000000", "0.000033", "1.000000000", "33000", "33000",
        "0", "ok",
    ]  # fmt: skip
    stated = rows_of(ended.out)
    assert stated["Σ 2 lines"] == "273000 ok"
    assert stated["cost_usd"] == "0.000273 ok"
    assert stated["breakdown total_cents"] == "0 ok"
    assert (stated["taken"], stated["of the hold came back"]) == ("273000", "360000")


def test_a_bent_bill_names_the_first_wrong_place(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    settled["pricing_lines"][1].update(line_nanos=250000, line_cost_usd="0.000250000")
    text = json.dumps(settled, indent=1)
    path = write(tmp_path, text)
    ended = conformance("bill", path)
    line = text[: text.index('"line_nanos": 250000')].count("\n") + 1
    assert ended.status == 1
    tail = ended.out[ended.out.index("does not add up") :]
    assert tail.splitlines() == [
        f"does not add up, first at {path}:{line} /pricing_lines/1/line_nanos:",
        "  seen 250000, expected 0.00006000000000000001 units at 4000000000 nanos, in 3 rows "
        "(BILL-LINE-05)",
        "also broken: BILL-SUM-01",
        "more: conformance explain BILL-LINE-05",
    ]
    assert rows_of(ended.out)["Σ 2 lines"] == "283000 should be cost_nanos, 273000 (BILL-SUM-01)"


def test_rounding_within_its_bound_is_no_error(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance("bill", write(tmp_path, json.dumps(settled_batch("b"))))
    line = next(one for one in ended.out.splitlines() if "input_text_tokens" in one)
    assert line.split()[6:] == ["525", "526", "1", "ok,", "rounding", "of", "its", "rows"]
    assert (ended.status, "adds up" in ended.out.splitlines()) == (0, True)


def test_without_a_count_of_rows_rounding_is_not_judged(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    body = {**settled_batch("b"), "request_counts": None}
    ended = conformance("bill", write(tmp_path, json.dumps(body)))
    line = next(one for one in ended.out.splitlines() if "input_text_tokens" in one)
    assert (ended.status, line.endswith("1  not judged")) == (0, True)
    assert "adds up; steps that could not be judged: 1" in ended.out


@pytest.mark.parametrize(("line_nanos", "status"), [(526, 0), (525, 1)])
def test_output_rows_and_a_price_card_make_the_lines_again(
    line_nanos: int, status: int, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    body = settled_batch("b", line_nanos)
    body["billing"] = {**PAID, "cost_nanos": line_nanos}
    body["pricing_lines"][0]["line_cost_usd"] = f"0.000000{line_nanos}"
    path = cassette(
        tmp_path,
        edge("price_card", prices=[CARD]),
        exchange("GET", "/batches/b", body),
        exchange("GET", "/files/file_out/content", ROW * 2),
    )
    ended = conformance("bill", path)
    lines = ended.out.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("from output rows"))
    assert (ended.status, lines[begin + 1].split()[-2:]) == (status, ["526", str(line_nanos)])
    assert lines[begin + 2].startswith("Σ ")
    assert lines[begin + 2].endswith("ok" if not status else "(BILL-LINE-06)")


def test_prices_may_come_from_a_file(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    path = cassette(
        tmp_path / "run",
        exchange("GET", "/batches/b", settled_batch("b")),
        exchange("GET", "/files/file_out/content", ROW * 2),
    )
    prices = write(tmp_path, json.dumps({"m": [CARD]}))
    without = conformance("bill", path)
    ended = conformance("bill", path, "--prices", prices)
    assert ("from output rows" in without.out, "from output rows" in ended.out) == (False, True)
    dear = write(tmp_path, json.dumps({"m": [{**CARD, "price_per_unit": "0.5"}]}))
    assert conformance("bill", path, "--prices", dear).status == 1
    broken = conformance("bill", path, "--prices", write(tmp_path, "{"))
    assert (broken.status, len(broken.err.splitlines())) == (4, 1)


def test_of_several_bills_the_last_is_shown_or_the_one_asked_for(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    text = "\n".join(json.dumps(settled_batch(name)) for name in ("b1", "b2"))
    path = write(tmp_path, text)
    last, first = conformance("bill", path), conformance("bill", path, "--batch", "b1")
    assert last.out.splitlines()[:2] == [
        "b2: completed, 526 nanos, 0.000000526 USD (profile ai-stats)",
        f"at {path}:2",
    ]
    assert last.err == 'other bills, for --batch: "b1"\n'
    assert (first.out.splitlines()[0][:3], first.err) == ("b1:", "")
    none = conformance("bill", path, "--batch", "b3")
    assert (none.status, none.out) == (5, "")
    assert none.err.splitlines() == [
        'other bills, for --batch: "b1", "b2"', f"{path}: no bill of batch b3 in it",
    ]  # fmt: skip


def test_a_folder_of_cassettes_is_read_whole(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    running = {**batch("in_progress"), "id": "b2", "billing": {"billed": False, "charged": False}}
    cassette(tmp_path, exchange("GET", "/batches/b1", settled_batch("b1")), name="one")
    cassette(tmp_path, exchange("GET", "/batches/b2", running), name="two")
    ended = conformance("bill", str(tmp_path))
    assert (ended.status, ended.out.splitlines()[0][:14]) == (0, "b1: completed,")
    early = conformance("bill", str(tmp_path), "--batch", "b2")
    assert "nothing is wrong; no cost is stated" in early.out


def test_a_cassette_says_its_profile(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    step = exchange("GET", "/batches/b", settled_batch("b"))
    path = cassette(tmp_path, step, profile="phaseo")
    assert "(profile phaseo)" in conformance("bill", path).out
    assert "(profile ai-stats)" in conformance("bill", path, "--profile", "ai-stats").out


def test_the_bill_of_a_message_is_explained(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    message = {"type": "job.updated", "data": {**settled_batch("b"), "billing": {
        "currency": "eur", "total_nanos": 526, "charged": True, "billable": False,
    }}}  # fmt: skip
    path = write(tmp_path, json.dumps([message], indent=1))
    ended = conformance("bill", path)
    stated = rows_of(ended.out)
    assert ended.status == 0
    assert stated["currency"] == "eur better usd (BILL-WSHOOK-04)".replace("usd", '"usd"')
    assert stated["billable"].startswith("false better true")


def test_another_currency_is_not_passed_silently(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    settled["billing"]["currency"] = "eur"
    ended = conformance("bill", write(tmp_path, json.dumps(settled)))
    assert rows_of(ended.out)["currency"] == "eur not judged; all figures are read as usd"
    assert ended.out.splitlines()[-1] == "adds up; steps that could not be judged: 1"


def test_ten_thousand_lines_are_summarised(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    line = settled["pricing_lines"][0]
    settled["pricing_lines"] = [{**line, "dimension": f"meter_{i}"} for i in range(10_000)]
    settled["pricing_lines"][5_000]["line_nanos"] = -1
    ended = conformance("bill", write(tmp_path, json.dumps(settled)))
    lines = ended.out.splitlines()
    assert (ended.status, len(lines) < 70) == (1, True)
    assert [line for line in lines if line.startswith("…")] == ["… 4990 more", "… 4994 more"]
    assert "/pricing_lines/5000/" in ended.out


def test_what_a_target_sent_does_not_steer_the_terminal(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    settled["pricing_lines"][0]["dimension"] = "\x1b[31mred\u202e" + "x" * 500
    settled["id"] = "\x1b]0;title\x07"
    ended = conformance("bill", write(tmp_path, json.dumps(settled)))
    assert ended.status == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(ended.out)
    assert "\\u001b[31mred\\u202exxx" in ended.out


@pytest.mark.parametrize(
    ("billing", "mark"),
    [
        ({"cost_nanos": "526"}, 'should be of types "null", "integer" (BILL-SHAPE-03)'),
        ({"cost_nanos": 526.5}, 'should be of types "null", "integer"'),
        ({"cost_nanos": -1}, "should be"),
        ({"cost_nanos": 2**53}, "should be"),
        ({"cost_nanos": 10**4000}, "should be"),
    ],
)
def test_an_absurd_cost_is_marked_where_it_stands(
    billing: dict[str, Any], mark: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    body = {**settled_batch("b"), "billing": {**PAID, **billing}}
    ended = conformance("bill", write(tmp_path, json.dumps(body)))
    assert (ended.status, mark in rows_of(ended.out)["cost_nanos"]) == (1, True), ended.out
    assert max(map(len, ended.out.splitlines())) < 400


def test_a_crash_of_a_check_is_status_3(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("conformance.checks._by_code", crash)
    ended = conformance("bill", write(tmp_path, json.dumps(settled_batch("b"))))
    assert (ended.status, ended.out, len(ended.err.splitlines())) == (3, "", 1)
    assert ended.err.startswith("error: the check of BILL-")
