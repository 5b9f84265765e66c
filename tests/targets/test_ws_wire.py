"""The handshake: what is sent, what is trusted, what is never followed, and failures as values."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.targets.ws_wire import Dialled, Upgrade, WsWire

LIMITS = EventLimits(open_s=0.5, close_s=0.2)
SECRET = "0123456789abcdef"
Dial = Callable[..., tuple[Dialled, list[str]]]


class Deaf:
    """Hears nothing."""

    def heard(self, content: str | bytes) -> None:
        pass

    def stirred(self) -> None:
        pass


async def dialled(wire: WsWire, upgrade: Upgrade) -> Dialled:
    found = await wire.dial(upgrade, Deaf(), Redactor({"key:a": SECRET, "header:X-T": "tenant-1"}))
    if found.line is not None:
        await found.line.hang_up()
    return found


@pytest.fixture
def dial(raw: Any) -> Dial:
    """What comes of a handshake with a scripted server, and the heads of requests it got."""

    def run(script: Any, query: str = "", **options: Any) -> tuple[Dialled, list[str]]:
        upgrade = {name: options.pop(name) for name in ("headers", "subprotocols")
                   if name in options}  # fmt: skip

        async def go() -> tuple[Dialled, list[str]]:
            async with raw(script) as server:
                asked = Upgrade(f"ws://127.0.0.1:{server.port}/v1/x{query}", **upgrade)
                return await dialled(WsWire(limits=LIMITS, **options), asked), server.heads

        return asyncio.run(go())

    return run


async def accepts(caller: Any) -> None:
    await caller.accept()
    await caller.read()
    await caller.close(1000, "")


def answers(status: str, body: bytes = b"", *lines: str) -> Any:
    async def script(caller: Any) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""])
        await caller.write(head.encode() + body)
        await caller.until_gone()

    return script


def test_the_request_is_recorded_as_it_was_sent_with_markers_for_secrets(dial: Dial) -> None:
    found, (head,) = dial(
        accepts,
        f"?api_key={SECRET}",
        headers=(("Authorization", f"Bearer {SECRET}"),),
        subprotocols=("one", "two"),
        extra_headers={"X-T": "tenant-1"},
    )
    assert SECRET in head
    assert "X-T: tenant-1\r\n" in head
    assert found.request.url.endswith("/v1/x?api_key={{key:a}}")
    shown = {name.lower(): value for name, value in found.request.headers}
    wanted = {"authorization": "Bearer {{key:a}}", "x-t": "{{header:X-T}}", "upgrade": "websocket",
              "sec-websocket-protocol": "one, two", "sec-websocket-version": "13"}  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted
    assert found.response is not None
    assert (found.response.status, found.response.body, found.failure) == (101, None, None)


def test_compression_is_not_offered(dial: Dial) -> None:
    _, (head,) = dial(accepts)
    assert "extensions" not in head.lower()


@pytest.mark.parametrize("status", [400, 401, 404, 426, 500])
def test_a_refusal_is_recorded_with_its_body(status: int, dial: Dial) -> None:
    found, _ = dial(answers(f"{status} No", f"no {SECRET}".encode(), "Content-Length: 19"))
    assert found.response is not None
    assert found.response.body is not None
    assert (found.response.status, found.response.body.text) == (status, "no {{key:a}}")
    assert (found.failure, found.line) == (None, None)


def test_a_redirect_is_an_answer_and_the_key_goes_nowhere_else(raw: Any) -> None:
    async def go() -> tuple[Dialled, list[str]]:
        async with raw(accepts) as other:
            place = f"Location: ws://127.0.0.1:{other.port}/v1/x"
            async with raw(answers("307 Elsewhere", b"", place, "Content-Length: 0")) as server:
                upgrade = Upgrade(
                    f"ws://127.0.0.1:{server.port}/v1/x", (("authorization", SECRET),)
                )
                return await dialled(WsWire(limits=LIMITS), upgrade), other.heads

    found, heads = asyncio.run(go())
    assert found.response is not None
    assert (found.response.status, found.failure, heads) == (307, None, [])


@pytest.mark.parametrize(
    ("script", "kind", "status"),
    [
        (answers("404 No", b"x" * 9, "Content-Length: 10"), "timeout", None),
        (answers("404 No", b"x" * 2**21, f"Content-Length: {2**21}"), "too-large", None),
        (answers("404 No", b"", *["X: " + "x" * 60] * 200), "too-large", None),
        (answers("101 Yes", b"", "Upgrade: websocket", "Connection: Upgrade"), "protocol", 101),
        (answers("200 Ok", b"", "Content-Length: 0"), None, 200),
        (lambda caller: caller.until_gone(), "timeout", None),
        (lambda caller: caller.write(b"SSH-2.0\r\n"), "protocol", None),
        (lambda caller: asyncio.sleep(0), "protocol", None),
    ],
    ids=["short", "huge", "heads", "no-proof", "ok", "silent", "other", "gone"],
)
def test_no_answer_and_a_wrong_one_are_values(
    script: Any, kind: str | None, status: int | None, dial: Dial
) -> None:
    found, _ = dial(script)
    assert (found.failure.kind if found.failure else None) == kind
    assert (found.response.status if found.response else None) == status
    assert found.line is None


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("ws://127.0.0.1:1/x", "connect"),
        ("ws://127.0.0.1:99999999/x", "protocol"),
        ("ws://h/x#fragment", "protocol"),
        ("ws://" + "a" * 70 + ".test/x", "protocol"),
    ],
)
def test_an_address_that_nobody_can_call_is_a_failure(url: str, kind: str) -> None:
    found = asyncio.run(dialled(WsWire(limits=LIMITS), Upgrade(url)))
    assert (found.failure.kind if found.failure else None, found.response) == (kind, None)
    assert found.request.url == url


def test_the_path_and_its_escapes_are_sent_as_they_are(raw: Any) -> None:
    async def go() -> list[str]:
        async with raw(accepts) as server:
            url = f"ws://127.0.0.1:{server.port}/v1/a%2Fb/%ZZ?interval_ms=%20x&interval_ms="
            await dialled(WsWire(limits=LIMITS), Upgrade(url))
            return [head.partition("\r\n")[0] for head in server.heads]

    line = "GET /v1/a%2Fb/%ZZ?interval_ms=%20x&interval_ms= HTTP/1.1"
    assert asyncio.run(go()) == [line]


def test_a_proxy_of_the_environment_is_used_only_where_it_may(
    dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ws_proxy", "http_proxy", "https_proxy", "socks_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    direct, _ = dial(accepts)
    through, heads = dial(accepts, trust_env=True)
    assert (direct.failure, heads) == (None, [])
    assert (through.failure.kind if through.failure else None) == "connect"


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def go() -> Dialled:
        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
            wire = WsWire(trusted=ssl.create_default_context(), limits=LIMITS)
            return await dialled(wire, Upgrade(url))

    found = asyncio.run(go())
    assert (found.response, found.failure.kind if found.failure else None) == (None, "tls")
