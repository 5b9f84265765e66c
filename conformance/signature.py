"""Webhook signatures: HMAC-SHA256 of timestamp, full stop and body, under the secret. Pure.

The age of a delivery is judged against a time that the caller gives: nothing here reads a clock.
"""

import hmac
import math
import re
from collections.abc import Iterable

PREFIX = "x-ai-stats-"
TOLERANCE_S = 300
_HEX = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,15}")
# White space as JavaScript trims it: the byte order mark too.
_BLANKS = " \t\n\r\v\f\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def trimmed(secret: str) -> str:
    """The secret as the key has it: without the white space around it, all else as given."""
    return secret.strip(_BLANKS)


def digest(key: bytes, timestamp: str, body: bytes) -> str:
    """The signature under a key, whatever the key was made of: 64 lower-case hex digits."""
    signed = timestamp.encode("utf-8", "replace") + b"." + body
    return hmac.new(key, signed, "sha256").hexdigest()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body that was sent at `timestamp`, in decimal Unix seconds."""
    return digest(trimmed(secret).encode("utf-8", "replace"), timestamp, body)


def is_signed(secret: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Whether the signature is that of timestamp and body, in upper or lower case."""
    given = signature.strip().lower()
    wanted = sign(secret, timestamp, body)
    return _HEX.fullmatch(given) is not None and hmac.compare_digest(given, wanted)


def verify(
    secret: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    now_s: int,
    tolerance_s: int | None = TOLERANCE_S,
    prefix: str = PREFIX,
) -> bool:
    """Whether a receiver may trust a delivery that arrives at `now_s`; it never raises.

    Header names have no case, the first of several values counts. With a tolerance of None
    neither age nor form of the timestamp matters.
    """
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    timestamp = first.get(f"{prefix}timestamp", "").strip()
    signature = first.get(f"{prefix}signature", "")
    if not trimmed(secret) or not timestamp:
        return False
    is_fresh = tolerance_s is None or _age_s(timestamp, now_s) <= tolerance_s
    return is_fresh and is_signed(secret, timestamp, body, signature)


def _age_s(timestamp: str, now_s: int) -> float:
    """How far away a timestamp is; infinite for one that is no decimal Unix seconds."""
    return abs(now_s - int(timestamp)) if _SECONDS.fullmatch(timestamp) else math.inf
