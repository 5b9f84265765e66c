"""The check of webhook signatures as the reference SDK has it."""

import hmac
import math
import re
from collections.abc import Iterable
from datetime import datetime

Headers = Iterable[tuple[str, str]]
TOLERANCE_S = 300
_HEX = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"[0-9]{1,15}")
_MILLISECONDS = 13


class Signatures:
    """Computes and checks signatures; a fault is a subclass that does one thing otherwise."""

    # The names that the gateway has had; the first that a delivery bears counts.
    prefixes: tuple[str, ...] = ("x-ai-stats-", "x-phaseo-")

    def compute(self, secret: str, timestamp: str, body: bytes) -> str:
        """The signature of a webhook."""
        signed = timestamp.encode() + b"." + body
        return hmac.new(self.key(secret), signed, "sha256").hexdigest()

    def verify(
        self, secret: str, body: bytes, headers: Headers, now: float, tolerance_s: float | None
    ) -> bool:
        """Whether a webhook is genuine and fresh; it never raises for what a header holds."""
        timestamp, signature = self.told(headers)
        signature = self.plain(signature)
        if not (self.has_key(secret) and timestamp and _HEX.fullmatch(signature)):
            return False
        is_fresh = self.is_fresh(timestamp, now, tolerance_s)
        return is_fresh and self.matches(signature, self.compute(secret, timestamp, body))

    def has_key(self, secret: str) -> bool:
        """Whether a secret is one."""
        return bool(self.key(secret))

    def key(self, secret: str) -> bytes:
        """What a secret is as a key."""
        return secret.strip().encode()

    def told(self, headers: Headers) -> tuple[str, str]:
        """Timestamp and signature among the headers, the first of each; empty without them."""
        first: dict[str, str] = {}
        for name, value in headers:
            first.setdefault(self.folded(name), value.strip())
        for prefix in self.prefixes:
            if f"{prefix}signature" in first:
                return first.get(f"{prefix}timestamp", ""), first[f"{prefix}signature"]
        return "", ""

    def folded(self, name: str) -> str:
        """The name of a header as it is looked for."""
        return name.lower()

    def plain(self, signature: str) -> str:
        """A signature as it is compared."""
        return signature.lower()

    def matches(self, signature: str, wanted: str) -> bool:
        """Whether the signature is the one that is wanted."""
        return hmac.compare_digest(signature, wanted)

    def is_fresh(self, timestamp: str, now: float, tolerance_s: float | None) -> bool:
        """Whether a delivery is young enough."""
        return tolerance_s is None or abs(now - self.instant(timestamp)) <= tolerance_s

    def instant(self, timestamp: str) -> float:
        """Unix seconds of a timestamp; not a number for what is none."""
        if _DIGITS.fullmatch(timestamp):
            return int(timestamp) / (1000 if len(timestamp) >= _MILLISECONDS else 1)
        try:
            return datetime.fromisoformat(timestamp).timestamp()
        except ValueError:
            return math.nan
