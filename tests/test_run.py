"""One run as a whole: what it makes of servers that are no gateway, and what it keeps."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance._run import Run
from conformance.cassettes import load_all
from conformance.config import resolve
from conformance.errors import ReportError, UsageError
from conformance.mock.server import MockServer
from conformance.scenarios import all_scenarios
from conformance.targets.factory import gateway_options
from conformance.targets.gateway import GatewayTarget
from conformance.targets.session import Session
from conformance.targets.wire import Outgoing
from conformance.verdicts import exit_status

WRONG_TYPES = {
    "id": 7, "object": [], "data": {"a": 1}, "status": {"x": 1}, "error": 5, "reason": [1],
    "billing": [1], "request_counts": "x", "metadata": 5, "created_at": "soon", "has_more": "x",
}  # fmt: skip
ODD_LISTS = {
    "id": "batch_x", "data": [1, None, {"id": None, "model": 5, "pricing": {"a": ["NaN"]}}],
    "status": "weird", "billing": {"reserved_nanos": 1.5}, "pricing_lines": [1],
}  # fmt: skip
GARBAGE: Mapping[str, dict[str, Any]] = {
    "errors": {"status": 500, "body": b"oops"},
    "html": {"body": b"<html>hi</html>", "headers": {"content-type": "text/html"}},
    "empty": {"body": b""},
    "null": {"body": b"null"},
    "huge-number": {"body": b"1e999999999"},
    "deep": {"body": b"[" * 100_000},
    "not-utf-8": {"body": b'{"id":"\xff\xfe"}'},
    "wrong-types": {"body": WRONG_TYPES},
    "odd-lists": {"body": ODD_LISTS},
    "wrong-error": {"status": 400, "body": {"error": [1], "reason": {"a": 1}, "request_id": 5}},
    "redirect": {"status": 302, "headers": {"location": "http://127.0.0.1:1/v1"}},
}


def run_at(url: str, secret: str, *wanted: str, **options: Any) -> Run:
    given = {"gateway-url": url, "timeout": 5, "settlement-deadline": 0.3, **options}
    run = Run(resolve(given, environ={"AI_STATS_API_KEY": secret}), frozenset(wanted))
    run.wanted = run.wanted or frozenset(row.id for row in run.registry.masters("ai-stats"))
    return run


def words(run: Run) -> set[str]:
    return {str(result.verdict) for result in run.results_of(run.wanted)}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_server_that_answers_garbage_gives_findings_and_no_error_of_ours(
    name: str, scripted: Callable[..., Any], reply: Callable[..., Any], secret: str
) -> None:
    server = scripted(lambda _method, _path: reply(**GARBAGE[name]))
    run = run_at(server.url, secret)
    run.observe()
    assert {"fail", "not_tested"} <= words(run)
    assert "error" not in words(run)
    assert exit_status(run.results) == 1


def test_bodies_without_end_are_cut_and_leave_small_cassettes(
    tmp_path: Path, scripted: Callable[..., Any], reply: Callable[..., Any], secret: str
) -> None:
    server = scripted(lambda _method, _path: reply(endless=True))
    run = run_at(server.url, secret, "REST-MODELS-07")
    run.folder = tmp_path
    run.observe()
    assert run.notes == ["GET /batches is answered 200 without end: is the URL right?"]
    assert words(run) <= {"not_tested", "not_applicable"}
    assert max(path.stat().st_size for path in tmp_path.glob("*.json")) < 2**20


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ({"status": 401, "body": {"reason": "invalid_key"}}, "refuses AI_STATS_API_KEY (401 inval"),
        ({"status": 503}, "is not up: GET /batches is answered 503"),
        ({"body": b"{", "missing_bytes": 9}, "cannot be reached: peer closed connection"),
    ],
)
def test_a_gateway_that_cannot_be_used_leaves_everything_untested_with_the_cause(
    answer: dict[str, Any],
    cause: str,
    scripted: Callable[..., Any],
    reply: Callable[..., Any],
    secret: str,
) -> None:
    server = scripted(lambda _method, _path: reply(**answer))
    run = run_at(server.url, secret)
    run.observe()
    assert cause in (run.unreachable or "")
    assert words(run) == {"not_tested"}
    assert (exit_status(run.results), len(server.requests)) == (5, 1)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://127.0.0.1:9/v1", "(connect); is the host right and is it up?"),
        ("http://name.invalid/v1", "(connect); is the host right and is it up?"),
    ],
)
def test_a_host_that_is_not_there_is_named_with_its_cause(
    url: str, cause: str, secret: str
) -> None:
    run = run_at(url, secret)
    run.observe()
    assert run.unreachable is not None
    assert run.unreachable.startswith(f"{url} cannot be reached: ")
    assert run.unreachable.endswith(cause)


def test_a_host_that_speaks_no_tls_is_named_so(mock_gateway: MockServer, secret: str) -> None:
    run = run_at(mock_gateway.url.replace("http:", "https:"), secret)
    run.observe()
    assert "(tls)" in (run.unreachable or "")


def test_a_hanging_host_is_given_up_after_the_timeout(
    scripted: Callable[..., Any], reply: Callable[..., Any], secret: str
) -> None:
    server = scripted(lambda _method, _path: reply(hang=True))
    run = run_at(server.url, secret, timeout=0.2)
    run.observe()
    assert "(timeout); a longer --timeout" in (run.unreachable or "")


def test_a_redirect_to_another_host_never_gets_the_key(
    scripted: Callable[..., Any], reply: Callable[..., Any], secret: str
) -> None:
    thief = scripted(lambda _method, _path: reply(body={"data": []}))
    server = scripted(lambda _m, path: reply(status=307, headers={"location": thief.url + path}))
    run = run_at(server.url, secret)
    run.observe()
    assert (len(server.requests) > 1, thief.requests) == (True, [])


def test_no_secret_is_in_what_was_kept(
    tmp_path: Path, scripted: Callable[..., Any], reply: Callable[..., Any], secret: str
) -> None:
    echo = {"error": secret, "data": [{"id": f"x {secret}"}]}
    server = scripted(lambda _m, _p: reply(status=400, body=echo, headers={"x-key": secret}))
    run = run_at(server.url, secret)
    run.folder = tmp_path
    run.observe()
    kept = "".join(path.read_text("utf-8") for path in tmp_path.glob("*.json"))
    assert secret not in kept
    assert secret.rpartition("_")[2] not in kept
    assert "{{key:a}}" in kept


def test_no_secret_is_in_the_text_of_what_a_traceback_may_show(secret: str) -> None:
    run = run_at("http://127.0.0.1:9/v1", secret)
    target = GatewayTarget(gateway_options(run.config))

    async def open_and_close() -> Session:
        session = await target.open("one")
        await target.close()
        return session

    shown = repr((run, target.options, asyncio.run(open_and_close())))
    outgoing = Outgoing("GET", "http://h", (("authorization", f"Bearer {secret}"),))
    assert secret not in shown + repr(outgoing)


def test_a_recorded_run_judges_like_the_run_itself(tmp_path: Path) -> None:
    driven = Run(resolve({}, environ={}), frozenset({"REST-GET-02", "REST-AUTH-01"}))
    driven.folder = tmp_path
    driven.observe()
    judged = Run(resolve({"cassette": [str(tmp_path)]}, environ={}), driven.wanted)
    judged.observe()
    assert judged.results == driven.results
    assert words(judged) == {"pass"}


def test_only_what_the_wanted_requirements_need_is_driven(tmp_path: Path) -> None:
    run = Run(resolve({}, environ={}), frozenset({"REST-GET-02"}))
    run.folder = tmp_path
    run.observe()
    aiming = {name for name, one in all_scenarios().items() if "REST-GET-02" in one.aims}
    assert {cassette.transcript.scenario for cassette in load_all([tmp_path])} == aiming


def test_a_folder_that_cannot_be_written_is_one_line() -> None:
    run = Run(resolve({}, environ={}), frozenset({"REST-GET-02"}))
    run.folder = Path("/proc/nowhere")
    with pytest.raises(ReportError, match=r"^/proc/nowhere: cannot be written: "):
        run.observe()


def test_a_cassette_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text(json.dumps({"cassette_version": 1}), "utf-8")
    run = Run(resolve({"cassette": [str(path)]}, environ={}))
    with pytest.raises(UsageError, match=r"broken\.json: not a cassette at /"):
        run.observe()


def test_a_mock_server_as_a_plain_url_reaches_ends_by_polling(
    mock_gateway: MockServer, tmp_path: Path
) -> None:
    run = Run(
        resolve({"gateway-url": mock_gateway.url}, environ=mock_gateway.default_keys()),
        frozenset({"REST-GET-01", "REST-ISO-01"}),
    )
    run.folder = tmp_path
    run.observe()
    ends = [cassette.transcript for cassette in load_all([tmp_path])]
    assert words(run) == {"pass"}
    assert '"completed"' in "".join(
        exchange.response.body.text
        for transcript in ends
        for _, exchange in transcript.exchanges
        if exchange.response and exchange.response.body
    )
