"""The lines of an adapter process, apart from the process: requests out, answers in. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conformance.adapters.greeting import BadHello, checked_hello
from conformance.adapters.outcomes import Outcome, checked_error
from conformance.json_text import NotJson, dump, parse

PROTOCOLS = (1,)
_SHOWN = 200
_LONGEST_NOTE = 2000


class BadLine(ValueError):
    """A line of an adapter is no answer that it may give; the text shows it."""


class OtherProtocol(ValueError):
    """An adapter chose a version that the suite does not speak."""


def shown(line: bytes) -> str:
    """The first 200 characters of a line."""
    text = line.decode("utf-8", "replace").strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def request_line(number: int, op: str, members: Mapping[str, Any]) -> bytes:
    """One request as it goes to the adapter."""
    return dump({"id": number, "op": op, **members}).encode() + b"\n"


@dataclass
class Ledger:
    """The requests of one process by number: those open, and which answers may come."""

    open: dict[int, str] = field(default_factory=dict)
    _next: int = 0

    def enter(self, what: str) -> int:
        """The number of a new request; `what` names it in messages."""
        number = self._next
        self._next += 1
        self.open[number] = what
        return number

    def read(self, line: bytes) -> tuple[int, dict[str, Any]]:
        """The number of the request that a line answers, and the answer; raises BadLine."""
        answer = _object(line)
        number = answer.get("id")
        if not isinstance(number, int) or isinstance(number, bool):
            raise BadLine(f"an answer without the number of its request as id: {shown(line)}")
        if number not in self.open:
            was = "has been answered already" if 0 <= number < self._next else "was never asked"
            raise BadLine(f"an answer to request {number}, which {was}: {shown(line)}")
        if ("result" in answer) == ("error" in answer):
            raise BadLine(f"an answer needs either result or error: {shown(line)}")
        _check_error(answer.get("error", {"kind": ""}), line)
        del self.open[number]
        return number, answer


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = parse(line.decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        value = None
    if not isinstance(value, dict):
        raise BadLine(
            f"a line on stdout that is no JSON object (prints belong on stderr): {shown(line)!r}"
        )
    return value


def _check_error(error: Any, line: bytes) -> None:
    if not isinstance(error, dict) or not isinstance(error.get("kind"), str):
        raise BadLine(f"an error needs a text as kind: {shown(line)}")
    for name in ("type", "message", "repr", "method", "reason", "issue_url"):
        if not isinstance(error.get(name), str | None):
            raise BadLine(f"the {name} of an error has to be a text: {shown(line)}")
    headers = error.get("headers")
    if headers is not None and not _are_pairs(headers):
        raise BadLine(f"the headers of an error have to be pairs of texts: {shown(line)}")


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
        for pair in value
    )


def outcome_of(op: str, answer: Mapping[str, Any]) -> Outcome:
    """What an answer to open, call, close or exit says; raises BadLine for a result of no form."""
    if "error" in answer:
        return {"error": checked_error(answer["error"])}
    result = answer["result"]
    if not isinstance(result, dict):
        raise BadLine(f"the result of {op} has to be an object, not {result!r:.{_SHOWN}}")
    if op != "call":
        return {"value": {}, "type": ""}
    if "value" not in result or not isinstance(result.get("type"), str):
        raise BadLine(f"the result of call needs value, and a text as type: {dump(result):.200}")
    return {name: result[name] for name in ("value", "type", "raw") if name in result}


def hello_of(answer: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The hello in an answer, with notes; raises BadHello, and OtherProtocol."""
    if "error" in answer:
        error = answer["error"]
        text = f"hello was answered with an error of kind {error['kind']}: {error.get('message')}"
        raise OtherProtocol(text) if error["kind"] == "protocol" else BadHello(text)
    result = answer["result"]
    if not isinstance(result, dict):
        raise BadHello(f"the result of hello has to be an object, not {result!r:.80}")
    chosen = result.get("protocol")
    if chosen not in PROTOCOLS or isinstance(chosen, bool):
        said = "none" if chosen is None else f"{chosen!r:.80}"
        raise OtherProtocol(f"hello chose protocol {said}")
    return _flat(result)


def _flat(result: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    for name, members in (("adapter", ("name", "version")), ("sdk", ())):
        owner = result.get(name)
        if not isinstance(owner, dict) or not all(isinstance(owner.get(m), str) for m in members):
            raise BadHello(f"hello has no {name} with texts, but {owner!r:.80}")
    sdk = result["sdk"]
    hello, odd = checked_hello({**result, **sdk, "sdk": sdk.get("name")})
    said = result.get("notes", [])
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise BadHello(f"hello has no list of texts as notes, but {said!r:.80}")
    return hello, [*odd, *said]


class Lines:
    """Cuts a stream into lines of at most so many bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk, without their ends; raises BadLine for a longer one."""
        *whole, rest = chunk.split(b"\n")
        lines = [self._ended(piece) for piece in whole]
        self._hold(rest)
        return lines

    def _ended(self, piece: bytes) -> bytes:
        self._hold(piece)
        line = bytes(self._rest)
        self._rest.clear()
        return line

    def _hold(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > self._most:
            start = bytes(self._rest[:_SHOWN]) + piece[:_SHOWN]
            raise BadLine(f"a line on stdout longer than {self._most} bytes: {shown(start)}")
        self._rest += piece

    @property
    def rest(self) -> bytes:
        """What has come of a line that has no end yet."""
        return bytes(self._rest)


class Tail:
    """The last lines of a text that may be endless, each cut."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lines: deque[str] = deque(maxlen=most)
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take a further piece."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        self._lines += [line[:_LONGEST_NOTE].decode("utf-8", "replace").rstrip() for line in whole]
        self._rest = rest[:_LONGEST_NOTE]

    @property
    def lines(self) -> Sequence[str]:
        """The last lines, the unfinished one among them."""
        rest = self._rest.decode("utf-8", "replace").rstrip()
        return tuple([*self._lines, *([rest] if rest else [])][-self._most :])
