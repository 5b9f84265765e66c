"""One scenario's talk with a target: what is sent, what is counted, what stops it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.targets.session import Budget, Polling, ScenarioStopped, Session
from conformance.targets.wire import Outgoing
from conformance.testing import exchange
from conformance.transcript import Exchange, Failure, Request

BASE = "http://gateway.test/v1"


class FakeWire:
    """Answers with what it is given, in turn; the last answer stays."""

    def __init__(self, *answers: Exchange) -> None:
        self.answers = list(answers)
        self.sent: list[Outgoing] = []

    async def send(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        self.sent.append(outgoing)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def session(*answers: Exchange, **more: Any) -> tuple[Session, FakeWire]:
    wire = FakeWire(*answers)
    keys = {"a": "secret-a", "b": "secret-b"}
    return Session("a_test", BASE, wire, keys, Redactor({"key:a": "secret-a"}), **more), wire


def stopped(work: Coroutine[Any, Any, Any]) -> str:
    with pytest.raises(ScenarioStopped) as found:
        asyncio.run(work)
    return str(found.value)


def created(batch_id: str, held: Any = None) -> Exchange:
    answer = {"id": batch_id, "billing": {"reserved_nanos": held}}
    return exchange("POST", "/batches", answer)


UPLOADED = exchange("POST", "/files", {"id": "file-1"})
MUTE = Exchange(Request("GET", BASE), None, Failure("timeout", "no answer within 1 s"), 0, 0)
REQUEST = {"input_file_id": "file-1"}


def test_a_key_goes_into_the_header_by_its_name() -> None:
    talk, wire = session(exchange("GET", "/batches", {}))
    asyncio.run(talk.list("limit=1", key="b"))
    sent = Outgoing("GET", f"{BASE}/batches?limit=1", (("authorization", "Bearer secret-b"),))
    assert wire.sent == [sent]


@pytest.mark.parametrize(
    "address", ["http://evil.test/v1/batches/x", "https://gateway.test/v1/batches/x"]
)
def test_an_address_at_another_host_never_gets_the_key(address: str) -> None:
    talk, wire = session(UPLOADED)
    assert stopped(talk.call("GET", address)) == (
        f"{address} is at another host than {BASE}; the key is not sent there"
    )
    assert wire.sent == []


def test_an_absolute_address_of_the_target_is_used_as_it_is() -> None:
    talk, wire = session(exchange("GET", "/batches/x", {}))
    asyncio.run(talk.call("GET", f"{BASE}/batches/x"))
    assert [one.url for one in wire.sent] == [f"{BASE}/batches/x"]


def test_batches_that_were_made_are_remembered_with_their_keys() -> None:
    talk, _ = session(created("batch_1"), created("batch_2"))

    async def work() -> None:
        await talk.create(REQUEST)
        await talk.create(REQUEST, path="/batch", key="b")

    asyncio.run(work())
    assert talk.created == {"batch_1": "a", "batch_2": "b"}


async def two_creates(talk: Session) -> None:
    await talk.upload(b"{}\n")
    await talk.create(REQUEST)
    await talk.create(REQUEST)


@pytest.mark.parametrize(
    ("held", "budget", "cause"),
    [
        (600, Budget(1000), "has held 600 nano-dollars and the next batch may hold 600, --max-sp"),
        (None, Budget(1000), "show no hold, so --max-spend cannot be kept; give --model and --pr"),
        (None, Budget(1000, 700), "has held 700 nano-dollars and the next batch may hold 700"),
    ],
    ids=["hold", "no-hold", "price"],
)
def test_the_budget_stops_the_create_that_might_go_past_it(
    held: int | None, budget: Budget, cause: str
) -> None:
    talk, wire = session(UPLOADED, created("batch_1", held), budget=budget)
    assert cause in stopped(two_creates(talk))
    assert [one.url.rpartition("/")[2] for one in wire.sent] == ["files", "batches"]


@pytest.mark.parametrize("budget", [Budget(), Budget(1200)], ids=["no-limit", "enough"])
def test_within_the_budget_nothing_is_stopped(budget: Budget) -> None:
    talk, wire = session(UPLOADED, created("batch_1", 600), created("batch_2", 600), budget=budget)
    asyncio.run(two_creates(talk))
    assert (len(wire.sent), budget.held_nanos) == (3, 1200)


def test_creates_at_once_cannot_pass_the_budget_together() -> None:
    budget = Budget(1000)
    talks = [session(UPLOADED, created(f"batch_{n}", 600), budget=budget) for n in range(3)]

    async def work() -> list[Any]:
        for talk, _ in talks:
            await talk.upload(b"{}\n")
        return await asyncio.gather(*(t.create(REQUEST) for t, _ in talks), return_exceptions=True)

    kinds = [type(one) for one in asyncio.run(work())]
    assert kinds == [Exchange, ScenarioStopped, ScenarioStopped]


@pytest.mark.parametrize("named", [[], {"x": 1}, 5, None])
def test_a_create_that_names_no_file_at_all_is_sent(named: Any) -> None:
    talk, wire = session(exchange("POST", "/batches", {}, status=400), budget=Budget(0))
    asyncio.run(talk.create({"input_file_id": named}))
    assert len(wire.sent) == 1


def test_a_create_of_a_file_that_nobody_uploaded_costs_nothing_and_is_always_sent() -> None:
    talk, wire = session(exchange("POST", "/batches", {}, status=404), budget=Budget(0))
    asyncio.run(talk.create({"input_file_id": "file-unknown"}))
    assert len(wire.sent) == 1


def test_an_interrupt_waits_for_the_answer_to_a_create_so_that_its_batch_can_be_cancelled() -> None:
    talk, wire = session(UPLOADED, created("batch_1"))

    async def work() -> None:
        await talk.upload(b"{}\n")
        answered = asyncio.Event()
        plain = wire.send

        async def slowly(*arguments: Any) -> Exchange:
            await answered.wait()
            return await plain(*arguments)

        wire.send = slowly  # type: ignore[method-assign]
        creating = asyncio.create_task(talk.create(REQUEST))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        creating.cancel()
        await asyncio.sleep(0)
        answered.set()
        await creating

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
    assert talk.created == {"batch_1": "a"}


def test_five_calls_in_a_row_without_an_answer_stop_the_scenario() -> None:
    talk, wire = session(MUTE, MUTE, exchange("GET", "/batches", {}), MUTE)

    async def work() -> None:
        while True:
            await talk.list()

    assert stopped(work()) == (
        "5 calls in a row got no answer, the last: no answer within 1 s (timeout)"
    )
    assert (len(wire.sent), len(talk.steps)) == (8, 8)


def test_polling_ends_at_the_end_of_the_batch() -> None:
    states = [exchange("GET", "/batches/x", {"status": one}) for one in ("validating", "failed")]
    talk, wire = session(*states)
    asyncio.run(talk.poll_until("x", frozenset({"completed"})))
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    ("answer", "polling", "cause"),
    [
        (
            {"status": "in_progress"},
            Polling(deadline_s=0),
            "batch x is in_progress after 1 reads; a",
        ),
        ({}, Polling(), "5 reads of batch x in a row show no status, the last is HTTP 200"),
    ],
    ids=["deadline", "unreadable"],
)
def test_polling_is_given_up(answer: dict[str, Any], polling: Polling, cause: str) -> None:
    talk, _ = session(exchange("GET", "/batches/x", answer), polling=polling)
    assert cause in stopped(talk.poll_until("x"))


@pytest.mark.parametrize(
    ("work", "cause"),
    [
        (lambda talk: talk.act("clock_advance"), "the target has no control for clock_advance"),
        (lambda talk: talk.wallet(), "the target does not show its wallet"),
        (lambda talk: talk.file(), "needed an uploaded file, got HTTP 500 from http://gateway"),
    ],
)
def test_what_a_target_cannot_do_stops_the_scenario(
    work: Callable[[Session], Any], cause: str
) -> None:
    talk, _ = session(exchange("POST", "/files", {}, status=500))
    assert stopped(work(talk)).startswith(cause)


def test_the_transcript_keeps_order_and_the_reason_of_an_early_end() -> None:
    talk, _ = session(UPLOADED)
    asyncio.run(talk.upload(b"{}\n"))
    seen = talk.transcript("why")
    assert (seen.scenario, seen.steps, seen.complete) == ("a_test", (UPLOADED,), False)
    assert seen.failure == "why"
