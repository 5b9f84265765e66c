"""The scenarios about money: what each makes visible, with all control and with none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.scenarios import all_scenarios
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Edge, Exchange, Transcript, Wallet

NAMES = (
    "bill_by_the_price_card",
    "bill_of_free_work",
    "bills_of_every_end",
    "wallet_around_two_batches",
    "wallet_around_a_create_that_the_provider_refuses",
    "create_without_credit",
    "creates_that_nobody_can_price",
)
ROWS = [row for row in registry().masters("ai-stats") if row.family == "billing"]


def judged(transcript: Transcript) -> tuple[set[str], list[str]]:
    """The billing rows that it made judged, and those that fell."""
    found = judge([transcript], ROWS, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    seen = {row_id for row_id, one in found.items() if one.judged}
    return seen, [row_id for row_id, one in found.items() if one.broken]


def aims_of(name: str) -> set[str]:
    plain = {row.id for row in ROWS if not row.conditional}
    return plain & all_scenarios()[name].aims


def without_control(session: Session) -> None:
    session.control = None


def edges(transcript: Transcript) -> list[str]:
    return [one.action for one in transcript.steps if isinstance(one, Edge)]


def readings(transcript: Transcript) -> list[tuple[int, int]]:
    found = [one for one in transcript.steps if isinstance(one, Wallet)]
    return [(one.balance_nanos, one.reserved_nanos) for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_on_the_mock_all_that_it_aims_at_is_judged_and_holds(
    driven: Callable[..., Transcript], name: str
) -> None:
    transcript = driven(name)
    seen, fell = judged(transcript)
    assert (transcript.failure, fell, aims_of(name) - seen) == (None, [], set())


@pytest.mark.parametrize(
    "name",
    [
        "bill_by_the_price_card",
        "bill_of_free_work",
        "wallet_around_two_batches",
        "create_without_credit",
        "creates_that_nobody_can_price",
    ],
)
def test_without_control_it_shows_the_same(driven: Callable[..., Transcript], name: str) -> None:
    transcript = driven(name, without_control)
    seen, fell = judged(transcript)
    acted = set(edges(transcript)) - {"price_card"}
    assert (transcript.failure, fell, acted, aims_of(name) - seen) == (None, [], set(), set())


def test_without_prices_the_bill_is_judged_but_for_its_rows(
    driven: Callable[..., Transcript],
) -> None:
    def change(session: Session) -> None:
        session.control, session.prices = None, None
        session.work = replace(session.work, second_model=None)

    name = "bill_by_the_price_card"
    transcript = driven(name, change)
    seen, _ = judged(transcript)
    assert transcript.failure is None
    assert aims_of(name) - seen == {"BILL-LINE-06", "BILL-LINE-13", "BILL-RES-08"}


def test_rows_of_the_second_model_fall_on_every_quarter_of_a_nano(
    driven: Callable[..., Transcript],
) -> None:
    transcript = driven("bill_by_the_price_card")
    lists = [one for one in transcript.of(Exchange) if one[1].request.path.endswith("/batches")]
    answer = lists[-1][1].response
    assert answer is not None
    (item,) = answer.json["data"]
    own = [line for line in item["pricing_lines"] if line["unit_size"] > 1]
    texts = [line["unit_price_usd"] for line in own]
    nanos = [line["line_nanos"] for line in own]
    # 295.75, 380.25 and twice 760.5 for the input of the four rows.
    assert texts == ["0.042250000", "0.250000000"]
    assert nanos == [296 + 380 + 761 + 761, 4 * 17 * 250_000]
    assert item["billing"]["pricing_breakdown"]["total_cents"] == 1
    assert item["request_counts"] == {"total": 7, "completed": 6, "failed": 1}


def test_without_a_free_model_free_work_stops(driven: Callable[..., Transcript]) -> None:
    def change(session: Session) -> None:
        session.work = replace(session.work, free_model=None)

    transcript = driven("bill_of_free_work", change)
    assert (transcript.failure, transcript.steps) == ("no free model was named", ())


def test_a_gateway_with_costs_of_rows_is_asked_for_them(
    driven: Callable[..., Transcript], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Session.get

    async def with_usage(self: Session, batch_id: str, **more: Any) -> Exchange:
        answer = await plain(self, batch_id, **more)
        assert answer.response is not None
        answer.response.json["usage"] = {"cost_nanos": 1}
        return answer

    monkeypatch.setattr(Session, "get", with_usage)
    transcript = driven("bill_by_the_price_card")
    paths = [one.request.path for _, one in transcript.of(Exchange)]
    assert [path for path in paths if path.endswith("/requests")] != []


def test_a_reading_that_is_not_offered_is_left_out(driven: Callable[..., Transcript]) -> None:
    def change(session: Session) -> None:
        session.wallets = frozenset({"a"})

    transcript = driven("create_without_credit", change)
    seen, _ = judged(transcript)
    assert (transcript.failure, readings(transcript)) == (None, [])
    assert aims_of("create_without_credit") - seen == {"BILL-FUNDS-05", "BILL-RES-07"}


def test_the_two_batches_cost_one_charge_and_leave_no_hold(
    driven: Callable[..., Transcript],
) -> None:
    found = readings(driven("wallet_around_two_batches"))
    start, held, charged, later, end = found
    cost = start[0] - charged[0]
    assert (held[0], held[1] > 0, cost > 0) == (start[0], True, True)
    assert charged == later == end == (start[0] - cost, 0)


def test_a_failure_in_a_race_is_told_when_all_are_through(
    driven: Callable[..., Transcript], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Session.act

    async def failing(self: Session, action: str, **detail: Any) -> Any:
        if action == "scheduled_job_tick":
            raise ScenarioStopped("no job today")
        return await plain(self, action, **detail)

    monkeypatch.setattr(Session, "act", failing)
    transcript = driven("wallet_around_two_batches")
    gets = [one for _, one in transcript.of(Exchange) if one.request.method == "GET"]
    assert (transcript.failure, len(gets)) == ("no job today", 2)


def test_prices_that_lack_the_model_are_said_to_compare_nothing(
    driven: Callable[..., Transcript],
) -> None:
    kept: list[Session] = []

    def others_prices(session: Session) -> None:
        session.prices = [{"model": "other"}]
        session.control = None
        kept.append(session)

    assert "price_card" not in edges(driven("bill_by_the_price_card", others_prices))
    assert kept[0].notes == [
        "--prices has no price of mock-mini: bills of its batches are not compared"
    ]


@pytest.mark.parametrize("moves", [0, 1], ids=["still", "moving"])
def test_a_balance_that_stands_still_while_batches_are_made_is_doubted(
    moves: int, driven: Callable[..., Transcript]
) -> None:
    kept: list[Session] = []

    def shared(session: Session) -> None:
        real = session.read_wallet

        async def still(_: str) -> tuple[int, int, int]:
            return 9, 0, 9

        session.control, session.unsettled = None, list
        session.read_wallet = real if moves else still
        kept.append(session)

    driven("wallet_around_two_batches", shared)
    found = [note.partition(":")[0] for note in kept[0].notes]
    assert found == ([] if moves else ["--credits-url"])


@pytest.mark.parametrize("billed", [True, False])
def test_prices_rise_only_once_the_bill_is_made(
    billed: Any, driven: Callable[..., Transcript], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Session.poll_until

    async def ended(self: Session, batch_id: str) -> Exchange:
        answer = await plain(self, batch_id)
        assert answer.response is not None
        answer.response.json["billing"]["billed"] = billed
        return answer

    monkeypatch.setattr(Session, "poll_until", ended)
    found = edges(driven("bill_by_the_price_card"))
    assert found == ["prices_changed", "price_card", *["prices_changed"] * billed]


@pytest.mark.parametrize("model", [None, "mock-mini", "mock-free"])
def test_free_work_is_compared_with_prices_that_name_its_model(
    model: str | None, driven: Callable[..., Transcript]
) -> None:
    def change(session: Session) -> None:
        prices = [one for one in session.prices or () if one["model"] == "mock-free"]
        session.prices = [{**one, "model": model} for one in prices]
        session.work = replace(session.work, model="mock-free")

    told = edges(driven("bill_of_free_work", change))
    assert told == (["price_card"] if model == "mock-free" else [])
