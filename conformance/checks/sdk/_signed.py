"""Calls of the check of webhook signatures: what is odd about the delivery, and what is right."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from conformance import signature
from conformance.checks.sdk import _values
from conformance.json_text import ABSENT
from conformance.redact import markers_in
from conformance.sdk_calls import SdkCall
from conformance.sdk_views import calls
from conformance.views import Observed, made_once

PREFIXES = {"ai-stats": "x-ai-stats-", "phaseo": "x-phaseo-"}
_PLAIN = re.compile("[0-9a-f]{64}")
_SECONDS = re.compile("[0-9]{1,12}")
_MILLISECONDS = re.compile("[0-9]{13,15}")
_MARK = b"\xef\xbb\xbf"
# In seconds: what is younger is new by any tolerance.
_NEW_S = 5


@dataclass(frozen=True)
class Claim:
    """A delivery as it was handed to the check, with the headers of the profile."""

    call: SdkCall
    secret: str
    body: bytes
    now_s: int
    headers: tuple[tuple[str, str], ...]
    prefix: str

    def _first(self, name: str) -> str | None:
        wanted = f"{self.prefix}{name}"
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @cached_property
    def timestamp(self) -> str | None:
        """The first timestamp of the profile."""
        return self._first("timestamp")

    @cached_property
    def signed_with(self) -> str | None:
        """The first signature of the profile."""
        return self._first("signature")

    @cached_property
    def is_signed(self) -> bool:
        """Whether the signature is that of timestamp and body under the secret."""
        if not self.timestamp or self.signed_with is None or not self.has_secret:
            return False
        return signature.is_signed(self.secret, self.timestamp, self.body, self.signed_with)

    @property
    def has_secret(self) -> bool:
        """Whether the secret is more than blanks."""
        return bool(signature.trimmed(self.secret))

    @property
    def is_whole(self) -> bool:
        """Whether there are a secret, a timestamp and a signature."""
        return self.has_secret and bool(self.timestamp) and bool(self.signed_with)

    @property
    def tolerance(self) -> Any:
        """The tolerance: ABSENT by default, None when there is none."""
        return self.call.arg("tolerance_seconds")

    @property
    def has_odd_tolerance(self) -> bool:
        """Whether the tolerance is below zero or no number."""
        if self.tolerance in (ABSENT, None):
            return False
        return not _values.is_number(self.tolerance) or not self.tolerance >= 0

    @cached_property
    def age_s(self) -> int | None:
        """How far off a timestamp in plain seconds is, None for another timestamp."""
        if self.timestamp is None or not _SECONDS.fullmatch(self.timestamp):
            return None
        return abs(self.now_s - int(self.timestamp))

    @cached_property
    def oddities(self) -> frozenset[str]:
        """What is out of the ordinary: names, form, secret, body, time, age, repeats, off, bound.

        `time` is a timestamp that is no plain seconds, `age` one that is not new.
        """
        found = {
            "names": any(name != name.lower() for name, _ in self._own),
            "form": not _PLAIN.fullmatch(self.signed_with or ""),
            "secret": self.secret != signature.trimmed(self.secret),
            "body": not self.is_text,
            "time": self.age_s is None,
            "age": self.age_s is not None and self.age_s > _NEW_S,
            "repeats": len(self._own) > len({name.lower() for name, _ in self._own}),
            "off": self.tolerance is None,
            "bound": self.tolerance not in (ABSENT, None),
        }
        return frozenset(word for word, holds in found.items() if holds)

    @property
    def _own(self) -> list[tuple[str, str]]:
        return [one for one in self.headers if one[0].lower().startswith(self.prefix)]

    @property
    def is_text(self) -> bool:
        """Whether the body is UTF-8 without a byte order mark."""
        try:
            self.body.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return not self.body.startswith(_MARK)

    @property
    def is_alone(self) -> bool:
        """Whether the headers are those of this profile alone."""
        others = tuple(one for one in PREFIXES.values() if one != self.prefix)
        return not any(name.lower().startswith(others) for name, _ in self.headers)

    @property
    def accepted(self) -> bool:
        """Whether the check said yes."""
        return self.call.value is True

    def is_verified(self) -> bool:
        """Whether a receiver may trust it, as our own verifier says."""
        tolerance_s = signature.TOLERANCE_S if self.tolerance is ABSENT else self.tolerance
        return signature.verify(
            self.secret,
            self.headers,
            self.body,
            now_s=self.now_s,
            tolerance_s=tolerance_s,
            prefix=self.prefix,
        )

    def time_form(self) -> str:
        """The form of a timestamp that is no plain seconds: ms, iso, digits, or other."""
        text = self.timestamp or ""
        if _MILLISECONDS.fullmatch(text):
            return "ms"
        if text.isdecimal():
            return "other" if text.isascii() else "digits"
        return "iso" if instant_of(text) is not None else "other"


def instant_of(text: str) -> float | None:
    """The Unix seconds of an ISO 8601 instant with its zone, None for other text."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.timestamp() if instant.tzinfo is not None else None


def _pairs(headers: Any) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(headers, list):
        return None
    two = [one for one in headers if isinstance(one, list) and len(one) == 2]
    texts = [(name, value) for name, value in two if isinstance(name, str)]
    found = tuple((name, value) for name, value in texts if isinstance(value, str))
    return found if len(found) == len(headers) else None


def content_of(text: Any) -> bytes | None:
    """The bytes of a text in base64, None for other things."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def _agree(claim: Claim) -> bool:
    """Whether the headers of other profiles, where there are any, say the same."""
    said = {(claim.timestamp, claim.signed_with)}
    for prefix in PREFIXES.values():
        other = Claim(claim.call, "", b"", 0, claim.headers, prefix)
        if any(name.lower().startswith(prefix) for name, _ in claim.headers):
            said.add((other.timestamp, other.signed_with))
    return len(said) == 1


def _made_of(call: SdkCall, profile: str) -> Claim | None:
    secret, now = call.arg("secret"), call.arg("now")
    headers, body = _pairs(call.arg("headers")), content_of(call.arg("body_base64"))
    if not call.of("verify") or not isinstance(secret, str) or markers_in(secret):
        return None
    if headers is None or body is None or not _values.is_number(now):
        return None
    claim = Claim(call, secret, body, int(now), headers, PREFIXES.get(profile, ""))
    return claim if _agree(claim) else None


@made_once
def _claims(observed: Observed, profile: str) -> Iterable[Claim]:
    made = [_made_of(call, profile) for call in calls(observed)]
    return [claim for claim in made if claim is not None]


@made_once
def _by_number(observed: Observed, profile: str) -> Iterable[dict[int, Claim]]:
    return [{claim.call.number: claim for claim in _claims(observed, profile)}]


def claim_of(call: SdkCall, profile: str) -> Claim | None:
    """The delivery of a call, None where it cannot be judged: odd arguments, a hidden secret."""
    (by_number,) = _by_number(call.observed, profile)
    return by_number.get(call.number)


def good_claim(call: SdkCall, profile: str) -> Claim | None:
    """A delivery that is signed, by headers that the SDK is known to read."""
    claim = claim_of(call, profile)
    if claim is None or not claim.is_signed or claim.has_odd_tolerance:
        return None
    return claim if not claim.is_alone or _reads_own(call.observed, profile) else None


def _reads_own(observed: Observed, profile: str) -> bool:
    """Whether the SDK ever said yes to the headers of the profile alone."""
    return any(claim.is_alone and claim.accepted for claim in _claims(observed, profile))
