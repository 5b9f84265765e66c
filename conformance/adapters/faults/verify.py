"""Faults of the check of signatures: deliveries that pass and should not, and the other way."""

from conformance.adapters.faults import fault
from conformance.adapters.reference.signatures import TOLERANCE_S, Signatures


@fault(
    "leaves-the-full-stop-out", breaks=["SDK-VERIFY-02"], also=["SDK-VERIFY-01", "SDK-VERIFY-04"]
)
class LeavesTheFullStopOut(Signatures):
    """What is signed is timestamp and body without what parts them."""

    def compute(self, secret: str, timestamp: str, body: bytes) -> str:
        return super().compute(secret, "", timestamp.encode() + body)


@fault("trusts-any-signature", breaks=["SDK-VERIFY-03"], also=["SDK-VERIFY-07"])
class TrustsAnySignature(Signatures):
    """Every signature of the right length will do."""

    def matches(self, signature: str, wanted: str) -> bool:
        return len(signature) == len(wanted)


@fault("reads-phaseo-headers-only", breaks=["SDK-VERIFY-04", "SDK-VERIFY-15"])
class ReadsPhaseoHeadersOnly(Signatures):
    """Headers of the earlier name are not read."""

    prefixes = ("x-phaseo-",)


@fault("reads-ai-stats-headers-only", breaks=["SDK-VERIFY-05"])
class ReadsAiStatsHeadersOnly(Signatures):
    """Headers of the later name are not read."""

    prefixes = ("x-ai-stats-",)


@fault("header-names-as-written", breaks=["SDK-VERIFY-06"])
class HeaderNamesAsWritten(Signatures):
    """Header names are looked for in lower case alone."""

    def folded(self, name: str) -> str:
        return name


@fault("decodes-the-body", breaks=["SDK-VERIFY-07"], also=["SDK-VERIFY-01"])
class DecodesTheBody(Signatures):
    """What is signed is the text of the body."""

    def compute(self, secret: str, timestamp: str, body: bytes) -> str:
        return super().compute(secret, timestamp, body.decode("utf-8-sig", "replace").encode())


@fault("takes-any-age", breaks=["SDK-VERIFY-08"], also=["SDK-VERIFY-09", "SDK-VERIFY-13"])
class TakesAnyAge(Signatures):
    """A delivery is never too old, unless a tolerance is given."""

    def is_fresh(self, timestamp: str, now: float, tolerance_s: float | None) -> bool:
        unbound = None if tolerance_s == TOLERANCE_S else tolerance_s
        return super().is_fresh(timestamp, now, unbound)


@fault("raises-for-odd-headers", breaks=["SDK-VERIFY-09"])
class RaisesForOddHeaders(Signatures):
    """A signature outside ASCII is an error."""

    def plain(self, signature: str) -> str:
        return signature.lower().encode("ascii").decode()


@fault("lower-case-hex-only", breaks=["SDK-VERIFY-10"])
class LowerCaseHexOnly(Signatures):
    """A signature in upper case is another one."""

    def plain(self, signature: str) -> str:
        return signature


@fault("blank-secret-is-a-key", breaks=["SDK-VERIFY-11"])
class BlankSecretIsAKey(Signatures):
    """A secret of blanks is as good as another."""

    def has_key(self, secret: str) -> bool:
        return True


@fault("tolerance-is-fixed", breaks=["SDK-VERIFY-12"])
class ToleranceIsFixed(Signatures):
    """The tolerance is that of the default, whatever is given."""

    def is_fresh(self, timestamp: str, now: float, tolerance_s: float | None) -> bool:
        return super().is_fresh(timestamp, now, TOLERANCE_S)


@fault("digits-of-any-script", breaks=["SDK-VERIFY-13"])
class DigitsOfAnyScript(Signatures):
    """A timestamp in digits of another script is a number."""

    def instant(self, timestamp: str) -> float:
        is_foreign = timestamp.isdecimal() and not timestamp.isascii()
        return int(timestamp) if is_foreign else super().instant(timestamp)


@fault("seconds-only", breaks=["SDK-VERIFY-14"])
class SecondsOnly(Signatures):
    """A timestamp is taken for seconds, or for nothing."""

    def instant(self, timestamp: str) -> float:
        return int(timestamp) if timestamp.isascii() and timestamp.isdigit() else float("nan")
