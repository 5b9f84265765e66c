"""What one SDK call left on the wire: its own request, repeats, redirects followed, and extras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.transcript import Exchange, Response

# An exchange with its number.
Sent = tuple[int, Exchange]

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def leads_on(exchange: Exchange) -> bool:
    """Whether the answer is a redirect with a place to go."""
    answer = exchange.response
    return answer is not None and answer.status in REDIRECTS and bool(answer.header("location"))


@dataclass(frozen=True)
class Trail:
    """The exchanges of one call, in order; `is_meant` knows the request that it asks for."""

    sent: Sequence[Sent]
    method: str
    is_meant: Callable[[Exchange], bool]

    @cached_property
    def _follows(self) -> list[bool]:
        """For each exchange, whether a redirect led there."""
        earlier = [None, *(exchange for _, exchange in self.sent)]
        return [one is not None and leads_on(one) for one in earlier[: len(self.sent)]]

    @cached_property
    def plain(self) -> list[Sent]:
        """The exchanges to which no redirect led."""
        return [one for one, follows in zip(self.sent, self._follows, strict=True) if not follows]

    @cached_property
    def followed(self) -> list[tuple[Sent, Sent]]:
        """Each redirect with the exchange that it led to."""
        pairs = zip(self.sent, self.sent[1:], self._follows[1:], strict=False)
        return [(earlier, later) for earlier, later, follows in pairs if follows]

    @cached_property
    def main(self) -> Sent | None:
        """The call's own request, as it was sent first: what else was sent is beside it."""
        meant = [one for one in self.plain if self.is_meant(one[1])]
        of_method = [one for one in self.plain if one[1].request.method == self.method]
        if meant:
            return meant[0]
        last = (of_method or self.plain)[-1:]
        return next((one for one in self.plain if last and _is_same(one, last[0])), None)

    @cached_property
    def attempts(self) -> list[Sent]:
        """The call's own request with its repeats."""
        main = self.main
        return [one for one in self.plain if main is not None and _is_same(one, main)]

    @cached_property
    def extras(self) -> list[Sent]:
        """What was sent beside it."""
        main = self.main
        return [one for one in self.plain if main is not None and not _is_same(one, main)]

    @cached_property
    def final(self) -> Sent | None:
        """The exchange that decided: the last attempt, or where its redirects led."""
        found = self.attempts[-1] if self.attempts else None
        for earlier, later in self.followed:
            if found is not None and earlier[0] == found[0]:
                found = later
        return found

    def answer(self, until_ms: int) -> Response | None:
        """The answer that decided, if it was whole by then."""
        if self.final is None:
            return None
        exchange = self.final[1]
        was_late = exchange.ended_at_ms > until_ms
        return None if was_late or exchange.failure is not None else exchange.response


def _is_same(left: Sent, right: Sent) -> bool:
    one, other = left[1].request, right[1].request
    return (one.method, one.url) == (other.method, other.url)
