"""A Python adapter as a process of the adapter protocol: `python -m conformance.adapters.stdio`.

The one argument is its name, `package.module:Name`.
"""

import inspect
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, BinaryIO, cast

from conformance import __version__
from conformance.adapters import SdkAdapter, Settings
from conformance.adapters.awaiting import AwaitingLoop
from conformance.adapters.greeting import checked_hello
from conformance.adapters.loading import load_adapter
from conformance.adapters.outcomes import Outcome, error_outcome, perform
from conformance.errors import ConfigError
from conformance.json_text import dump, parse, plain

_PROTOCOL = 1
# After the last request, calls that are under way may take so long.
_LAST_CALLS_S = 5.0


class Server:
    """Answers requests on behalf of an adapter; calls run in as many threads as it allows."""

    def __init__(self, adapter: SdkAdapter, name: str, out: BinaryIO) -> None:
        self._adapter = adapter
        self._name = name
        self._out = out
        self._writing = threading.Lock()
        self._loop = AwaitingLoop()
        self._clients: dict[str, object] = {}
        self._pool = ThreadPoolExecutor(1)
        self._calls: list[Future[None]] = []

    def serve(self, lines: BinaryIO) -> None:
        """Answer until exit, or the end of the requests."""
        for line in lines:
            # SDKs are given the numbers that people write, and no Decimals.
            request = plain(parse(line.decode()))
            if request["op"] == "call":
                self._calls = [call for call in self._calls if not call.done()]
                self._calls.append(self._pool.submit(self._answer_call, request))
                continue
            self._answer(request["id"], self._of(request))
            if request["op"] == "exit":
                break
        wait(self._calls, _LAST_CALLS_S)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._loop.leave()

    def _of(self, request: Mapping[str, Any]) -> Outcome:
        ops = {"hello": self._hello, "open": self._open, "close": self._close, "exit": _nothing}
        work = ops.get(request["op"])
        if work is None:
            return {"error": {"kind": "protocol", "message": f"no op is called {request['op']}"}}
        try:
            return {"result": work(request)}
        except BaseException as error:
            return error_outcome(error)

    def _hello(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if _PROTOCOL not in request.get("protocol", ()):
            raise ValueError(f"this adapter speaks protocol {_PROTOCOL}")
        hello, _ = checked_hello(self._adapter.hello())
        self._pool = ThreadPoolExecutor(hello["concurrency"])
        sdk = {name: hello.pop(name) for name in ("version", "language", "runtime")}
        about = {"name": self._name, "version": __version__}
        return {
            **hello,
            "protocol": _PROTOCOL,
            "adapter": about,
            "sdk": {"name": hello["sdk"], **sdk},
        }

    def _open(self, request: Mapping[str, Any]) -> dict[str, Any]:
        opened = self._adapter.open(cast("Settings", request["settings"]))
        self._clients[request["client"]] = self._settled(opened)
        return {}

    def _close(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._settled(self._adapter.close(self._clients.pop(request["client"])))
        return {}

    def _settled(self, value: Any) -> Any:
        return self._loop.settle(value) if inspect.isawaitable(value) else value

    def _answer_call(self, request: Mapping[str, Any]) -> None:
        client = self._clients[request["client"]]
        outcome = perform(
            self._adapter, client, request["method"], request["args"], self._loop.settle
        )
        outcome.pop("argument_after", None)
        self._answer(request["id"], outcome if "error" in outcome else {"result": outcome})

    def _answer(self, number: int, outcome: Outcome) -> None:
        line = dump({"id": number, **outcome}).encode() + b"\n"
        with self._writing:
            self._out.write(line)
            self._out.flush()


def _nothing(_request: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _own_stdout() -> BinaryIO:
    """The real stdout; what anybody prints from now on goes to stderr."""
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return own


def main(arguments: list[str]) -> int:
    """Serve the named adapter on the standard streams; the exit status."""
    out = _own_stdout()
    try:
        adapter = load_adapter(arguments[0])
    except ConfigError as error:
        sys.stderr.write(f"error: {error}\n")
        return 4
    Server(adapter, arguments[0], out).serve(sys.stdin.buffer)
    return 0


if __name__ == "__main__":
    # Threads of an SDK that hang must not keep the process.
    status = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(status)
