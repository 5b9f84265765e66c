"""HTTP/1.1 as bytes on a loopback connection: nothing that arrives is folded, decoded or refused.

A request target keeps its dots, empty segments and escapes, headers their order and spelling.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from http.client import responses

from conformance.transcript import Headers

_HEAD_BYTES = 256 * 1024
_BODY_BYTES = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_WITHOUT_BODY = frozenset({204, 304})


class Unreadable(Exception):
    """What arrived is no request; `head` is its beginning."""

    def __init__(self, head: bytes) -> None:
        super().__init__(head)
        self.head = head


@dataclass(frozen=True)
class RawRequest:
    """A request as it arrived; bytes outside ASCII in head and target are Latin-1."""

    method: str
    target: str
    version: str
    headers: Headers
    content: bytes = b""

    def header(self, name: str) -> str:
        """The first value of the header in lower case, empty without one."""
        wanted = name.lower()
        return next((v.lower() for n, v in self.headers if n.lower() == wanted), "")

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def closes(self) -> bool:
        """Whether the sender wants no second request on this connection."""
        said = self.header("connection")
        return "close" in said or (self.version == "HTTP/1.0" and "keep-alive" not in said)


def head_of(data: bytes) -> RawRequest:
    """The request whose head this is, without its last empty line; raises Unreadable."""
    first, *rest = data.decode("latin-1").split("\r\n")
    method, _, after = first.partition(" ")
    target, found, version = after.rpartition(" ")
    if not found or not version.startswith("HTTP/"):
        target, version = after, ""
    if not (method.isascii() and method.isalpha() and method.isupper() and target):
        raise Unreadable(data)
    return RawRequest(method, target, version, tuple(map(_header, rest)))


def _header(line: str) -> tuple[str, str]:
    """A header; a line that is none stands as a name without a value."""
    name, found, value = line.partition(":")
    return (name, value.strip(" \t")) if found and name else (line or " ", "")


def answer_bytes(status: int, headers: Headers, body: bytes, *, head_only: bool = False) -> bytes:
    """An answer as it goes over the wire; its headers are these and no others."""
    lines = [
        f"HTTP/1.1 {status} {responses.get(status, '')}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head_only else body)


def framed(status: int, headers: Headers, body: bytes) -> Headers:
    """The headers with the length of the body, where the status can have one."""
    if status in _WITHOUT_BODY:
        return headers
    return (*headers, ("content-length", str(len(body))))


class RawConnection:
    """The requests of one connection, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._kept = b""

    async def request(self) -> RawRequest | None:
        """The next request, None when the sender has closed; raises Unreadable."""
        while b"\r\n\r\n" not in self._kept:
            if len(self._kept) > _HEAD_BYTES:
                raise Unreadable(self._kept)
            if not await self._more():
                if self._kept:
                    raise Unreadable(self._kept)
                return None
        data, _, self._kept = self._kept.partition(b"\r\n\r\n")
        head = head_of(data)
        if "100-continue" in head.header("expect"):
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        content = await self._body(head)
        return RawRequest(head.method, head.target, head.version, head.headers, content)

    async def _body(self, head: RawRequest) -> bytes:
        if head.header("transfer-encoding").endswith("chunked"):
            return await self._chunks()
        length = head.header("content-length") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > _BODY_BYTES:
            raise Unreadable(length.encode())
        return await self._exactly(int(length))

    async def _chunks(self) -> bytes:
        content = bytearray()
        while size := await self._chunk_size():
            if size + len(content) > _BODY_BYTES:
                raise Unreadable(b"")
            content += await self._exactly(size)
            await self._line()
        while await self._line():
            pass
        return bytes(content)

    async def _chunk_size(self) -> int:
        line = await self._line()
        try:
            return int(line.partition(b";")[0], 16)
        except ValueError as error:
            raise Unreadable(line) from error

    async def _line(self) -> bytes:
        while b"\r\n" not in self._kept:
            if len(self._kept) > _HEAD_BYTES or not await self._more():
                raise Unreadable(self._kept)
        line, _, self._kept = self._kept.partition(b"\r\n")
        return line

    async def _exactly(self, size: int) -> bytes:
        pieces = [self._kept]
        missing = size - len(self._kept)
        self._kept = b""
        while missing > 0:
            if not await self._more():
                raise Unreadable(b"".join(pieces)[:_CHUNK])
            pieces.append(self._kept)
            missing -= len(self._kept)
            self._kept = b""
        whole = b"".join(pieces)
        self._kept = whole[size:]
        return whole[:size]

    async def _more(self) -> bool:
        data = await self._reader.read(_CHUNK)
        self._kept += data
        return bool(data)

    async def stays_for(self, wait_s: float) -> bool:
        """Let the time pass; False as soon as the sender has hung up."""
        if wait_s <= 0:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while await self._more():
                    pass
                return False
        return True
