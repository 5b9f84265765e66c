"""One scenario's talk with a target: what is sent, what is counted, what stops it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.targets.session import Budget, Polling, ScenarioStopped, Session
from conformance.targets.wire import Outgoing
from conformance.targets.ws_wire import Dialled, Ear, Upgrade
from conformance.testing import exchange
from conformance.transcript import Edge, Exchange, Failure, Request, Response, Stream, Wallet

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


def showing(*readings: tuple[int, int, int | None], **more: Any) -> Session:
    left = list(readings)

    async def read(_: str) -> tuple[int, int, int | None]:
        return left.pop(0)

    return session(UPLOADED, read_wallet=read, polling=Polling(), **more)[0]


def readings(talk: Session) -> list[int]:
    return [one.balance_nanos for one in talk.steps if isinstance(one, Wallet)]


def test_a_wallet_is_shown_for_the_keys_that_the_target_names() -> None:
    talk = showing((1, 0, 1), wallets=frozenset({"a"}))
    assert [talk.shows_wallet(key) for key in ("a", "no_funds")] == [True, False]
    assert stopped(talk.wallet("no_funds")) == "the target does not show the wallet of key no_funds"
    assert showing().shows_wallet("no_funds") is True
    assert session(UPLOADED)[0].shows_wallet("a") is False


def test_in_a_workspace_of_its_own_one_reading_is_enough() -> None:
    talk = showing((1, 0, 1))
    assert asyncio.run(talk.quiet_wallet()).balance_nanos == 1
    assert readings(talk) == [1]


def test_in_a_shared_workspace_two_readings_must_agree() -> None:
    talk = showing((5, 1, 4), (5, 1, 4), unsettled=list)
    assert asyncio.run(talk.quiet_wallet()).balance_nanos == 5
    assert readings(talk) == [5, 5]


@pytest.mark.parametrize("moved", [(4, 1, 4), (5, 2, 4), (5, 1, None)])
def test_a_balance_that_moves_by_itself_stops_the_scenario_and_leaves_no_reading(
    moved: tuple[int, int, int | None],
) -> None:
    talk = showing((9, 0, 9), (5, 1, 4), moved, unsettled=list)
    asyncio.run(talk.wallet())
    assert stopped(talk.quiet_wallet()) == (
        "the workspace is not quiet: its balance moves without this run"
    )
    assert readings(talk) == []


def test_a_batch_that_another_scenario_left_unsettled_stops_it_too() -> None:
    talk = showing((5, 1, 4), (5, 1, 4), unsettled=lambda: ["batch_1"])
    assert stopped(talk.quiet_wallet()).startswith("batch batch_1 of this run is not settled")
    assert readings(talk) == []
    own = showing((5, 1, 4), (5, 1, 4), unsettled=lambda: ["batch_1"], created={"batch_1": "a"})
    assert asyncio.run(own.quiet_wallet()).balance_nanos == 5


async def between_lists(talk: Session, end: str | None = None) -> None:
    async with talk.undisturbed():
        await talk.wallet()
        if end is not None:
            raise ScenarioStopped(end)


def listed(*ids: str) -> Exchange:
    return exchange("GET", "/batches", {"data": [{"id": one, "status": "failed"} for one in ids]})


@pytest.mark.parametrize("end", [None, "no answer"])
def test_a_batch_that_others_made_meanwhile_stops_the_scenario_and_leaves_no_reading(
    end: str | None,
) -> None:
    talk = showing((5, 1, 4), unsettled=list)
    talk.wire = FakeWire(listed("batch_1"), listed("batch_2", "batch_1"))
    cause = "the workspace is not quiet: others have batch batch_2"
    assert stopped(between_lists(talk, end)) == cause
    assert readings(talk) == []


def test_among_batches_of_old_and_of_this_scenario_readings_stay() -> None:
    talk = showing((5, 1, 4), unsettled=list, created={"batch_2": "a"})
    talk.wire = FakeWire(listed("batch_1"), listed("batch_2", "batch_1"))
    asyncio.run(between_lists(talk))
    assert readings(talk) == [5]


def test_what_stops_an_undisturbed_scenario_is_said_as_it_is() -> None:
    talk = showing((5, 1, 4), unsettled=list)
    talk.wire = FakeWire(listed("batch_1"))
    assert stopped(between_lists(talk, "no answer")) == "no answer"
    assert readings(talk) == [5]


def test_in_a_workspace_of_its_own_nobody_is_looked_for() -> None:
    talk = showing((5, 1, 4))
    asyncio.run(between_lists(talk))
    assert (readings(talk), len(talk.steps)) == ([5], 1)


def test_prices_without_the_model_of_the_run_are_no_card() -> None:
    talk, _ = session(UPLOADED, prices=[{"model": "other"}])
    with pytest.raises(ScenarioStopped, match="--prices has no price of mock-mini"):
        talk.price_card()
    assert talk.steps == []


def test_the_price_card_is_a_step_with_the_prices_of_that_moment() -> None:
    prices = [{"meter": "requests", "unit_size": 1, "price_per_unit": "0.1"}]
    talk, _ = session(UPLOADED, prices=prices)
    talk.price_card()
    prices[0]["price_per_unit"] = "0.2"
    talk.price_card()
    cards = [one.detail["prices"] for one in talk.steps if isinstance(one, Edge)]
    assert [card[0]["price_per_unit"] for card in cards] == ["0.1", "0.2"]


def test_without_prices_there_is_no_card() -> None:
    talk, _ = session(UPLOADED)
    with pytest.raises(ScenarioStopped, match="give --prices"):
        talk.price_card()


def test_a_remark_is_a_step_and_no_call() -> None:
    talk, wire = session(UPLOADED)
    talk.remark("settlement_deadline", within_ms=7)
    (step,) = talk.steps
    assert isinstance(step, Edge)
    assert (step.action, step.detail, wire.sent) == ("settlement_deadline", {"within_ms": 7}, [])


def test_time_can_go_on_at_once_and_never_back() -> None:
    talk, _ = session(UPLOADED)
    talk.skip_to(60_000)
    talk.skip_to(30_000)
    assert 60_000 <= talk.now_ms() < 90_000


def test_calls_and_actions_are_doings() -> None:
    seen: list[tuple[int, int]] = []

    async def act(action: str, detail: Any) -> dict[str, Any]:
        seen.append((talk.doings, talk.under_way))
        return {}

    talk, _ = session(UPLOADED, control=act)

    async def work() -> None:
        await talk.upload(b"{}\n")
        await talk.act("clock_advanced")

    asyncio.run(work())
    assert (seen, talk.doings, talk.under_way) == ([(2, 1)], 2, 0)


def test_what_a_scenario_tells_is_a_note_of_its_target() -> None:
    notes: list[str] = []
    talk, _ = session(UPLOADED, notes=notes)
    talk.tell("batch x is gone")
    assert notes == ["batch x is gone"]


def test_the_transcript_keeps_order_and_the_reason_of_an_early_end() -> None:
    talk, _ = session(UPLOADED)
    asyncio.run(talk.upload(b"{}\n"))
    seen = talk.transcript("why")
    assert (seen.scenario, seen.steps, seen.complete) == ("a_test", (UPLOADED,), False)
    assert seen.failure == "why"


class Dials:
    """Refuses every handshake and keeps what it was asked."""

    limits = EventLimits()

    def __init__(self) -> None:
        self.asked: list[Upgrade] = []

    async def dial(self, upgrade: Upgrade, ear: Ear, redactor: Redactor) -> Dialled:
        self.asked.append(upgrade)
        return Dialled(Request("GET", upgrade.url), Response(404))


@pytest.mark.parametrize(
    ("target", "query", "url"),
    [
        ("batch/1", "", "ws://gateway.test/v1/async/batch/batch%2F1/ws"),
        (
            "/async/video/b/ws",
            "interval_ms=1",
            "ws://gateway.test/v1/async/video/b/ws?interval_ms=1",
        ),
        ("ws://gateway.test/v1/x?a=1", "", "ws://gateway.test/v1/x?a=1"),
    ],
)
def test_a_stream_is_asked_for_by_id_path_or_address(target: str, query: str, url: str) -> None:
    dials = Dials()
    talk, _ = session(UPLOADED, ws_wire=dials)

    async def work() -> None:
        for key in ("b", None):
            async with talk.stream(target, key=key, query=query, headers=(("x", "1"),)):
                pass

    asyncio.run(work())
    assert [one.url for one in dials.asked] == [url, url]
    headers = [one.headers for one in dials.asked]
    assert headers == [(("x", "1"), ("authorization", "Bearer secret-b")), (("x", "1"),)]
    assert [step.response.status for step in talk.steps if isinstance(step, Stream)] == [404, 404]


@pytest.mark.parametrize("address", ["ws://evil.test/v1/x", "wss://gateway.test/v1/x"])
def test_a_stream_at_another_host_never_gets_the_key(address: str) -> None:
    dials = Dials()
    talk, _ = session(UPLOADED, ws_wire=dials)
    with pytest.raises(ScenarioStopped, match="the key is not sent there"):
        talk.stream(address)
    assert dials.asked == []


def test_without_streams_and_receivers_a_scenario_stops() -> None:
    talk, _ = session(UPLOADED)
    with pytest.raises(ScenarioStopped, match="the target has no streams"):
        talk.stream("batch_1")
    assert stopped(talk.receiver()) == "the target is given no receiver of webhooks"
