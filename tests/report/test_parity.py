"""Methods by SDKs: what each cell says."""

from typing import Any

from conformance.report.parity import CLIENT, Column, parity
from conformance.requirements import registry
from conformance.sdk_calls import OPERATIONS
from conformance.testing_sdk import failed, hello, returned, sdk, wire
from conformance.transcript import Transcript
from conformance.verdicts import Finding, Result, Verdict

ROWS = registry()
VERDICTS = {"MUST": Verdict.FAIL, "SHOULD": Verdict.WARN, "MAY": Verdict.INFO}
GET, SENT, CANCEL = 3, 4, 5
NATIVES = {"getBatch": "get_batch", "cancelBatch": "cancel_batch", "listBatches": "list_batches"}


def result(one: str, *steps: int | None) -> Result:
    """A requirement broken in these steps, or kept."""
    row = ROWS[f"SDK-{one}"]
    findings = tuple(Finding(held=False, seen="x", step=step, scenario="one") for step in steps)
    return Result(row, VERDICTS[row.level] if steps else Verdict.PASS, None, 1, findings)


def column(*results: Result, natives: Any = NATIVES) -> Column:
    """An SDK that reads a batch, then cancels one."""
    get = returned("getBatch", wire("GET /v1/batches/b", answer={"id": "b"}), batch_id="b")
    cancel = failed("cancelBatch", kind="other", batch_id="b")
    steps = sdk(get, cancel, says=hello(methods=natives))
    return Column("acme 1", [Transcript("one", tuple(steps))], results, ["odd"])


def test_a_finding_belongs_to_its_call_or_to_the_call_that_sent_it() -> None:
    seen = column(result("WIRE-02", SENT), result("RESULT-10", GET), result("ARGS-11", None))
    assert seen.cell("getBatch") == {
        "native": "get_batch",
        "verdict": "fail",
        "broken": ["SDK-WIRE-02", "SDK-RESULT-10"],
    }
    assert seen.cell("cancelBatch")["verdict"] == "pass"
    client = {"native": None, "verdict": "warn", "broken": ["SDK-ARGS-11"]}
    assert seen.cell(CLIENT) == client


def test_the_worst_level_is_the_verdict() -> None:
    def verdict(*ids: str) -> Any:
        return column(*(result(one, CANCEL) for one in ids)).cell("cancelBatch")["verdict"]

    assert verdict("RESULT-15", "RESULT-10", "WIRE-03") == "fail"
    assert verdict("RESULT-15", "RESULT-10") == "warn"
    assert verdict("RESULT-15") == "info"


def test_a_method_is_absent_or_was_never_called() -> None:
    seen = column(result("WIRE-02"))
    assert seen.cell("createBatch") == {"native": None, "verdict": "absent", "broken": []}
    assert seen.cell("listBatches")["verdict"] == "not_tested"
    assert Column("nobody", [], []).cell(CLIENT)["verdict"] == "not_tested"


def test_the_table_has_the_methods_that_anybody_has() -> None:
    wanting = column(result("SURFACE-01", CANCEL), natives={"getBatch": "get"})
    table = parity([column(result("WIRE-02")), wanting], "ai-stats")
    assert [row["method"] for row in table["methods"]] == [
        "getBatch",
        "cancelBatch",
        "listBatches",
        CLIENT,
    ]
    assert table["methods"][1]["cells"][1]["broken"] == ["SDK-SURFACE-01"]
    first = {"name": "acme 1", "counts": {"pass": 1}, "notes": ["odd"]}
    assert table["sdks"] == [first, {**first, "counts": {"fail": 1}}]


def test_every_method_of_the_contract_can_have_a_row() -> None:
    natives = {name: name for name in OPERATIONS}
    rows = parity([column(natives=natives)], "ai-stats")["methods"]
    assert {row["method"] for row in rows} == {*OPERATIONS, CLIENT}
