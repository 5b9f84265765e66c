"""Webhook signatures: what the check of an SDK must accept, and what it must not."""

from conformance import signature
from conformance.checks import Findings, check
from conformance.checks.sdk import _signed
from conformance.checks.sdk._signed import Claim
from conformance.sdk_calls import SdkCall
from conformance.verdicts import Finding, holds

_ISO_MS = 1000


def _accepts(claim: Claim) -> Finding:
    return holds(claim.accepted, seen=claim.call.shown, expected=True)


def _rejects(claim: Claim) -> Finding:
    return holds(not claim.accepted, seen=claim.call.shown, expected=False)


def _accepted_if(call: SdkCall, profile: str, *oddities: str) -> Findings:
    """A signed delivery is accepted that is odd in these ways and no others."""
    claim = _signed.good_claim(call, profile)
    if claim is not None and claim.oddities == set(oddities):
        yield _accepts(claim)


@check("SDK-VERIFY-02")
def signed_delivery_is_accepted(call: SdkCall, profile: str) -> Findings:
    """A delivery that is new and signed, and in no way odd, is accepted."""
    yield from _accepted_if(call, profile)


@check("SDK-VERIFY-03")
def changed_delivery_is_rejected(call: SdkCall, profile: str) -> Findings:
    """What is not signed under the secret is not accepted."""
    claim = _signed.claim_of(call, profile)
    if claim is not None and claim.is_whole and claim.is_text and not claim.is_signed:
        yield _rejects(claim)


def _of_own_names(call: SdkCall, profile: str) -> Findings:
    claim = _signed.claim_of(call, profile)
    if claim is not None and claim.is_alone and claim.is_signed and not claim.oddities:
        yield _accepts(claim)


@check("SDK-VERIFY-04")
def headers_of_ai_stats_are_read(call: SdkCall) -> Findings:
    """A delivery with x-ai-stats headers alone is accepted."""
    yield from _of_own_names(call, "ai-stats")


@check("SDK-VERIFY-05")
def headers_of_phaseo_are_read(call: SdkCall) -> Findings:
    """A delivery with x-phaseo headers alone is accepted."""
    yield from _of_own_names(call, "phaseo")


@check("SDK-VERIFY-06")
def header_names_have_no_case(call: SdkCall, profile: str) -> Findings:
    """Header names in another letter case are read."""
    yield from _accepted_if(call, profile, "names")


@check("SDK-VERIFY-07")
def bytes_are_checked_as_they_came(call: SdkCall, profile: str) -> Findings:
    """Bodies that are no UTF-8, or have a byte order mark, are accepted if signed, and not else."""
    claim = _signed.claim_of(call, profile)
    if claim is not None and claim.is_whole and not claim.is_text:
        if not claim.is_signed:
            yield _rejects(claim)
        else:
            yield from _accepted_if(call, profile, "body")


@check("SDK-VERIFY-08")
def age_is_bounded_by_default(call: SdkCall, profile: str) -> Findings:
    """Without a tolerance 300 s are accepted in either direction, and more are not."""
    claim = _signed.good_claim(call, profile)
    if claim is not None and claim.oddities == {"age"} and claim.age_s is not None:
        is_new = claim.age_s <= signature.TOLERANCE_S
        yield _accepts(claim) if is_new else _rejects(claim)


def _is_others_affair(claim: Claim) -> bool:
    """Whether a yes is judged elsewhere: good headers, or a timestamp that may be read."""
    is_well_formed = claim.is_whole and not claim.oddities & {"form", "time"}
    return is_well_formed or (claim.is_signed and claim.time_form() in {"ms", "iso", "digits"})


@check("SDK-VERIFY-09")
def header_values_never_raise(call: SdkCall, profile: str) -> Findings:
    """Whatever the headers hold, what is not to be trusted gives false and no error."""
    claims = [_signed.claim_of(call, one) for one in (profile, *_signed.PREFIXES)]
    claim = next((one for one in claims if one is not None), None)
    if claim is None or not claim.has_secret or claim.has_odd_tolerance or claim.is_verified():
        return
    is_good = call.error is None and (_is_others_affair(claim) or not call.value)
    yield holds(is_good, seen=call.shown, expected=False)


@check("SDK-VERIFY-10")
def form_of_the_signature_is_free(call: SdkCall, profile: str) -> Findings:
    """A signature in upper case or with white space around it is accepted."""
    yield from _accepted_if(call, profile, "form")


@check("SDK-VERIFY-11")
def blank_secret_verifies_nothing(call: SdkCall) -> Findings:
    """Under a secret of nothing but blanks no delivery is accepted."""
    secret = call.arg("secret")
    if call.of("verify") and isinstance(secret, str) and not signature.trimmed(secret):
        yield holds(call.value is not True, seen=call.shown, expected=False)


@check("SDK-VERIFY-12")
def tolerance_is_obeyed(call: SdkCall, profile: str) -> Findings:
    """A tolerance of null takes any age, one below zero or no number takes none."""
    claim = _signed.claim_of(call, profile)
    if claim is not None and claim.is_signed and claim.has_odd_tolerance:
        yield _rejects(claim)
    else:
        yield from _accepted_if(call, profile, "age", "off")


@check("SDK-VERIFY-13")
def digits_are_ascii(call: SdkCall, profile: str) -> Findings:
    """A timestamp in digits of another script is not accepted."""
    claim = _signed.claim_of(call, profile)
    is_bound = claim is not None and claim.is_signed and claim.tolerance is not None
    if claim is not None and is_bound and claim.time_form() == "digits":
        yield _rejects(claim)


@check("SDK-VERIFY-14")
def other_times_are_understood(call: SdkCall, profile: str) -> Findings:
    """A new timestamp in milliseconds or in ISO 8601 is accepted."""
    claim = _signed.good_claim(call, profile)
    if claim is None or claim.oddities != {"time"}:
        return
    text = claim.timestamp or ""
    form = claim.time_form()
    seconds = int(text) / _ISO_MS if form == "ms" else _signed.instant_of(text)
    if seconds is not None and abs(claim.now_s - seconds) <= 1:
        yield _accepts(claim)
