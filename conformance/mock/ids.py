"""Ids that look like the real ones and never repeat within one seed."""

from hashlib import sha256

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _in_base_32(value: int, length: int) -> str:
    return "".join(_CROCKFORD[value >> (5 * place) & 31] for place in reversed(range(length)))


class Ids:
    """A source of fresh ids; equal seeds give equal sequences."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def token(self, length: int) -> str:
        """Fresh lower-case hexadecimal digits, at most 64 of them."""
        self._count += 1
        return sha256(f"{self._seed}:{self._count}".encode()).hexdigest()[:length]

    def request_id(self, now_ms: int) -> str:
        """`G-` and a ULID of this instant."""
        return f"G-{_in_base_32(now_ms, 10)}{_in_base_32(int(self.token(20), 16), 16)}"

    def file_id(self) -> str:
        """The id of a file at the provider."""
        return f"file-{self.token(20)}"

    def batch_id(self) -> str:
        """The id of a batch at the provider."""
        return f"batch_{self.token(24)}"
