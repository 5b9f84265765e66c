"""Receivers of a run: deliveries as steps, signatures made at capture, tunnels that are tried."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from conformance.errors import PortInUse
from conformance.signature import sign
from conformance.targets.hook_server import MAX_BODY_BYTES, bound_socket
from conformance.targets.limits import EventLimits, ScenarioStopped
from conformance.targets.receiver import FRESH, Answer, Hook, Receivers
from conformance.transcript import Body, Delivery, Edge

LIMITS = EventLimits(wait_s=2.0)
Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Work with the receivers of a run, which are closed at its end."""

    def go(
        work: Callable[[Receivers, httpx.AsyncClient], Coroutine[Any, Any, Any]], **more: Any
    ) -> Any:
        async def whole() -> Any:
            receivers = Receivers(LIMITS, **more)
            try:
                async with httpx.AsyncClient(trust_env=False) as client:
                    return await work(receivers, client)
            finally:
                await receivers.close()

        return asyncio.run(whole())

    return go


def signed(hook: Hook, body: bytes, prefix: str = "x-ai-stats-") -> dict[str, str]:
    assert hook.secret is not None
    return {f"{prefix}timestamp": "17", f"{prefix}signature": sign(hook.secret, "17", body)}


def test_a_delivery_is_a_step_with_bytes_answer_and_signature(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, FRESH, (500,))
        body = b'{ "id" : 1 }\r\n'
        answer = await client.post(f"{hook.url}?x=1", content=body, headers=signed(hook, body))
        return hook, answer.status_code, await hook.deliveries()

    hook, status, (delivery,) = run(work)
    assert (status, delivery.answered, delivery.signature_valid) == (500, {"status": 500}, True)
    assert (delivery.method, delivery.path) == ("POST", f"{hook.path}?x=1")
    assert delivery.body == Body(b'{ "id" : 1 }\r\n')
    assert [step for step in record.steps if isinstance(step, Delivery)] == [delivery]


@pytest.mark.parametrize(
    ("prefix", "change", "valid"),
    [
        ("x-ai-stats-", b"", True),
        ("x-phaseo-", b"", True),
        ("x-ai-stats-", b" ", False),
        ("x-other-", b"", False),
    ],
)
def test_the_signature_is_of_the_bytes_that_came(
    prefix: str, change: bytes, run: Run, record: Any, *, valid: bool
) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, FRESH, (200,))
        headers = signed(hook, b"{}", prefix)
        await client.post(hook.url, content=b"{}" + change, headers=headers)
        return (await hook.deliveries())[0].signature_valid

    assert run(work) is valid


def test_what_is_called_and_not_answered_is_not_there_yet(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (Answer(wait_s=60.0), 204))
        before = await hook.settled()
        calling = asyncio.create_task(client.post(hook.url))
        await hook.called()
        settling = asyncio.create_task(hook.settled())
        await asyncio.sleep(0)
        is_early = settling.done()
        calling.cancel()
        return before, is_early, await settling

    before, is_early, (delivery,) = run(work)
    assert (before, is_early, delivery.answered) == ([], False, {"dropped": True})


def test_without_a_secret_no_signature_is_judged(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (200,))
        await client.post(hook.url, headers={"x-ai-stats-signature": "0" * 64})
        return hook.webhook(), (await hook.deliveries())[0].signature_valid, hook.url

    webhook, valid, url = run(work)
    assert (webhook, valid) == ({"url": url}, None)


def test_a_secret_is_a_marker_everywhere_and_its_blanks_are_kept(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, "  padded secret ", (200,))
        other = await receivers.open(record, FRESH, (200,))
        content = f'{{"leak":"{hook.secret}","and":"{other.secret}"}}'.encode()
        await client.post(hook.url, content=content, headers={"x-echo": "padded secret"})
        return hook, (await hook.deliveries())[0]

    hook, delivery = run(work)
    assert hook.webhook(events=["job.failed"]) == {
        "url": hook.url, "secret": "  padded secret ", "events": ["job.failed"],
    }  # fmt: skip
    assert record.redactor.text(str(hook.webhook()["secret"])) == "  {{webhook:1}} "
    shown = b'{"leak":"  {{webhook:1}} ","and":"{{webhook:2}}"}'
    assert delivery.body == Body(shown, exact=False)
    assert ("x-echo", "{{webhook:1}}") in delivery.headers


def test_answers_are_given_in_turn_and_the_last_one_stays(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (500, Answer(drop=True), 204))
        statuses: list[int] = []
        for _ in range(4):
            try:
                statuses.append((await client.post(hook.url)).status_code)
            except httpx.TransportError:
                statuses.append(0)
        hook.answer_with(Answer(302, (("location", hook.url),)))
        statuses.append((await client.post(hook.url)).status_code)
        return statuses, [one.answered for one in await hook.deliveries(5)]

    statuses, answered = run(work)
    assert statuses == [500, 0, 204, 204, 302]
    assert answered == [{"status": one} if one else {"dropped": True} for one in statuses]


def test_what_a_receiver_is_about_to_answer_is_on_record(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, _client: httpx.AsyncClient) -> Any:
        odd = Answer(200, wait_s=40.0, endless=True)
        return (await receivers.open(record, None, (500, Answer(drop=True), odd))).path

    path = run(work)
    (edge,) = record.steps
    answers = [500, "drop", {"answer": 200, "wait_s": 40.0, "endless": True}]
    assert isinstance(edge, Edge)
    assert (edge.action, edge.detail) == (
        "webhook_receiver_plan", {"path": path, "answers": answers},
    )  # fmt: skip


def test_nothing_is_waited_for_longer_than_it_may(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, _client: httpx.AsyncClient) -> Any:
        return await (await receivers.open(record, None, (200,))).deliveries(1, 0.02)

    assert run(work) == []


def test_a_sender_that_gives_up_was_dropped(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (Answer(wait_s=60.0),))
        with pytest.raises(httpx.ReadTimeout):
            await client.post(hook.url, timeout=httpx.Timeout(2.0, read=0.05))
        return [one.answered for one in await hook.deliveries()]

    assert run(work) == [{"dropped": True}]


def test_a_huge_body_is_kept_in_part_and_answered_413(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, FRESH, (200,))
        answer = await client.post(hook.url, content=b"x" * (MAX_BODY_BYTES + 1))
        return answer.status_code, (await hook.deliveries())[0]

    status, delivery = run(work)
    assert (status, delivery.answered) == (413, {"status": 413})
    assert (delivery.body, delivery.signature_valid) == (Body(b"x" * 65536, exact=False), None)


def test_other_paths_are_refused_and_no_step(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (200,))
        base = hook.url.removesuffix(hook.path)
        urls = [base, f"{base}/x{hook.path}", hook.url[:-1], f"{hook.url}/"]
        return [(await client.post(url)).status_code for url in urls]

    assert run(work) == [404] * 4
    assert [type(step) for step in record.steps] == [Edge]


def test_a_method_that_no_cassette_can_hold_is_refused(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (200,))
        return [(await client.request(one, hook.url)).status_code for one in ("M-X", "PUT")]

    assert run(work) == [405, 200]
    assert [step.method for step in record.steps if isinstance(step, Delivery)] == ["PUT"]


def test_without_answers_nobody_listens(run: Run, record: Any) -> None:
    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, FRESH, ())
        with pytest.raises(httpx.ConnectError):
            await client.post(hook.url)
        return hook

    hook = run(work)
    (edge,) = record.steps
    assert (edge.action, edge.detail) == ("webhook_receiver_closed", {"path": hook.path})
    assert hook.webhook()["secret"] == hook.secret


def tunnelled(kept: str) -> dict[str, Any]:
    """Receivers behind a tunnel that keeps this part of its path; the port is found out."""
    sock = bound_socket()
    port = sock.getsockname()[1]
    sock.close()

    async def knock(url: str) -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            path = url.removeprefix("https://tunnel.example/x")
            return f"HTTP {(await client.post(f'http://127.0.0.1:{port}{kept}{path}')).status_code}"

    return {"public_url": "https://tunnel.example/x/", "port": port, "knock": knock}


@pytest.mark.parametrize("kept", ["/x", ""], ids=["kept", "taken-off"])
def test_a_tunnel_may_keep_its_path_or_take_it_off(kept: str, run: Run, record: Any) -> None:
    options = tunnelled(kept)

    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        hook = await receivers.open(record, None, (200,))
        name = hook.url.removeprefix("https://tunnel.example/x")
        await client.post(f"http://127.0.0.1:{options['port']}{kept}{name}")
        return hook.path, [one.path for one in await hook.deliveries()]

    path, paths = run(work, **options)
    assert path.startswith("/x/hook-")
    assert paths == [path]


def test_a_tunnel_that_leads_elsewhere_stops_every_scenario(run: Run, record: Any) -> None:
    called: list[str] = []

    async def knock(url: str) -> str:
        called.append(url)
        return "HTTP 502"

    async def work(receivers: Receivers, _client: httpx.AsyncClient) -> Any:
        for _ in range(2):
            with pytest.raises(ScenarioStopped) as found:
                await receivers.open(record, None, (200,))
        with pytest.raises(ScenarioStopped, match="no address at which nobody listens"):
            await receivers.open(record, None, ())
        return str(found.value)

    told = run(work, public_url="https://t.example", knock=knock)
    assert told.startswith("--webhook-url https://t.example does not lead to port ")
    assert told.endswith(" of this machine: a call of it gives HTTP 502")
    assert len(called) == 1


def test_where_nobody_can_try_the_address_nothing_is_missed_until_something_came(
    run: Run, record: Any
) -> None:
    called: list[str] = []

    async def knock(url: str) -> str:
        called.append(url)
        return "HTTP 502"

    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        first = await receivers.open(record, None, (200,))
        second = await receivers.open(record, None, (500,))
        before = receivers.unheard, list(record.steps)
        assert receivers._server is not None
        await client.post(f"http://127.0.0.1:{receivers._server.port}{second.path}")
        return before, receivers.unheard, (first.path, second.path)

    url = "http://host.docker.internal:8799"
    before, after, paths = run(work, public_url=url, knock=knock, host="0.0.0.0")
    assert (before, after, called) == ((url, []), None, [])
    plans = [step.detail["path"] for step in record.steps if isinstance(step, Edge)]
    assert (plans, len(record.steps)) == (list(paths), 3)


def test_a_flood_of_deliveries_is_cut_off(
    run: Run, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.targets.receiver._MOST_BYTES", 25)
    monkeypatch.setattr("conformance.targets.receiver._MOST_DELIVERIES", 4)

    async def work(receivers: Receivers, client: httpx.AsyncClient) -> Any:
        large, small = [await receivers.open(record, None, (200,)) for _ in range(2)]
        sent = [(large, b"x" * 10)] * 4 + [(small, b"")] * 5
        return [(await client.post(hook.url, content=body)).status_code for hook, body in sent]

    assert run(work) == [200, 200, 200, 429, 200, 200, 200, 200, 429]
    assert len([step for step in record.steps if isinstance(step, Delivery)]) == 7


def test_the_port_of_a_tunnel_is_taken_at_once() -> None:
    sock = bound_socket()
    sock.listen()
    with pytest.raises(PortInUse):
        Receivers(LIMITS, "https://t.example", sock.getsockname()[1])
    sock.close()
