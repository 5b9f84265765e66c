import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from conformance.json_text import ABSENT
from conformance.resources import vectors_dir
from conformance.signature import digest, sign
from conformance.testing_sdk import failed, returned, sdk

VECTORS = json.loads((vectors_dir() / "signatures.json").read_text("utf-8"))["vectors"]
NOW = 1783584000
OWN, OTHER = "x-ai-stats-", "x-phaseo-"
MARK = b"\xef\xbb\xbf{}"


def checked(
    says: Any,
    *,
    stamp: str | None = str(NOW),
    signature: Any = None,
    body: bytes = b"{}",
    names: tuple[str, ...] = (OWN, OTHER),
    **args: Any,
) -> Any:
    secret = args.get("secret", "whsec_1")
    signed = sign(secret, stamp or "", body) if signature is None else signature
    headers = [
        [f"{name}{word}", value]
        for name in names
        for word, value in (("timestamp", stamp), ("signature", signed))
        if value is not None and value is not ABSENT
    ]
    given = {"secret": "whsec_1", "headers": headers, "now": NOW, **args}
    given["body_base64"] = base64.b64encode(body).decode()
    if isinstance(says, str):
        return failed("verifyAsyncWebhookSignature", kind="other", error={"type": says}, **given)
    return returned("verifyAsyncWebhookSignature", value=says, **given)


def flipped(text: str) -> str:
    return ("1" if text[0] == "0" else "0") + text[1:]


SIGNED = sign("whsec_1", str(NOW), b"{}")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_our_own_verifier_breaks_nothing_on_any_vector(vector: Any, broken: Any) -> None:
    assert broken(sdk(played(vector, vector["accept"]))) == set()


def played(vector: Any, says: Any) -> Any:
    names = ("secret", "body_base64", "headers", "now", "tolerance_seconds")
    args = {name: vector[name] for name in names if name in vector}
    return returned("verifyAsyncWebhookSignature", value=says, **args)


# What no row decides: a tolerance of one's own, which of two values counts, blanks in a secret.
OPEN = {"shorter tolerance", "good: second values", "good: padded secret"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_the_wrong_answer_to_a_vector_breaks_a_row(vector: Any, broken: Any) -> None:
    knows = checked(says=True, names=(OWN,))
    found = broken(sdk(knows, played(vector, not vector["accept"])))
    assert (found == set()) is (vector["name"] in OPEN)


TRUE, FALSE = {"says": True}, {"says": False}
CASES = {
    "VERIFY-02": [
        (checked(**TRUE), (1, 0)),
        (checked(**FALSE), (1, 1)),
        (checked("TypeError"), (1, 1)),
        (checked(None), (1, 1)),
        (checked(**FALSE, stamp=str(NOW - 300)), (0, 0)),
        (checked(**FALSE, secret=" padded "), (0, 0)),
        (checked(**FALSE, secret="{{webhook:1}}"), (0, 0)),
        (checked(**FALSE, names=(OTHER,)), (0, 0)),
        (checked(**FALSE, now="now"), (0, 0)),
        (checked(**FALSE, headers={}), (0, 0)),
        (checked(**FALSE, secret=None, signature=""), (0, 0)),
    ],
    "VERIFY-03": [
        (checked(**FALSE, signature=flipped(SIGNED)), (1, 0)),
        (checked("TypeError", signature=flipped(SIGNED)), (1, 0)),
        (checked(**TRUE, signature=flipped(SIGNED)), (1, 1)),
        (checked(**TRUE, signature=sign("other", str(NOW), b"{}")), (1, 1)),
        (checked(**TRUE, signature=sign("whsec_1", str(NOW + 1), b"{}")), (1, 1)),
        (checked(**TRUE, signature=SIGNED, body=b"[]"), (1, 1)),
        (checked(**TRUE, signature=SIGNED[:-1]), (1, 1)),
        (checked(**TRUE), (0, 0)),
        (checked(**TRUE, signature=ABSENT), (0, 0)),
    ],
    "VERIFY-04": [
        (checked(**TRUE, names=(OWN,)), (1, 0)),
        (checked(**FALSE, names=(OWN,)), (1, 1)),
        (checked(**FALSE, names=(OTHER,)), (0, 0)),
        (checked(**FALSE), (0, 0)),
    ],
    "VERIFY-06": [
        (checked(**TRUE, names=("X-AI-Stats-", OTHER)), (1, 0)),
        (checked(**FALSE, names=("X-AI-STATS-", OTHER)), (1, 1)),
        (checked(**FALSE), (0, 0)),
    ],
    "VERIFY-07": [
        (checked(**TRUE, body=b"\xff"), (1, 0)),
        (checked(**TRUE, body=MARK), (1, 0)),
        (checked(**FALSE, body=MARK), (1, 1)),
        (checked(**FALSE, body=b"\xff"), (1, 1)),
        (checked(**FALSE, body=b"\xfe", signature=sign("whsec_1", str(NOW), b"\xff")), (1, 0)),
        (checked(**TRUE, body=b"\xfe", signature=sign("whsec_1", str(NOW), b"\xff")), (1, 1)),
        (checked(**FALSE), (0, 0)),
    ],
    "VERIFY-08": [
        *((checked(**TRUE, stamp=str(NOW + off)), (1, 0)) for off in (-300, 300)),
        *((checked(**FALSE, stamp=str(NOW + off)), (1, 1)) for off in (-300, 300)),
        *((checked(**FALSE, stamp=str(NOW + off)), (1, 0)) for off in (-301, 301)),
        *((checked(**TRUE, stamp=str(NOW + off)), (1, 1)) for off in (-301, 301)),
        (checked(**TRUE, stamp=str(NOW - 301), tolerance_seconds=600), (0, 0)),
        (checked(**FALSE), (0, 0)),
    ],
    "VERIFY-09": [
        *((checked(**FALSE, signature=one), (1, 0)) for one in ("é" * 64, "a" * 63, "", ABSENT)),
        *((checked("TypeError", signature=one), (1, 1)) for one in ("é" * 64, "a" * 63, "")),
        *((checked(**FALSE, stamp=one), (1, 0)) for one in ("soon", "²", "1" * 400, "-1", None)),
        (checked("ValueError", stamp="²"), (1, 1)),
        (checked(**TRUE, stamp="²"), (1, 1)),
        (checked(**TRUE, stamp="١٧٨٣٥٨٤٠٠٠"), (1, 0)),
        (checked("ValueError", stamp="١٧٨٣٥٨٤٠٠٠"), (1, 1)),
        (checked(**TRUE, signature=flipped(SIGNED)), (1, 0)),
        (checked("Mismatch", signature=flipped(SIGNED)), (1, 1)),
        (checked("TypeError"), (0, 0)),
        (checked("TypeError", signature="é" * 64, names=(OTHER,)), (1, 1)),
        (checked(**FALSE, signature="é" * 64, names=(OTHER,)), (1, 0)),
        (checked("ValueError", secret="  ", signature=""), (0, 0)),
    ],
    "VERIFY-10": [
        (checked(**TRUE, signature=SIGNED.upper()), (1, 0)),
        (checked(**TRUE, signature=f" {SIGNED} "), (1, 0)),
        (checked(**FALSE, signature=SIGNED.upper()), (1, 1)),
        (checked(**FALSE), (0, 0)),
    ],
    "VERIFY-11": [
        (checked(**FALSE, secret="  ", signature=digest(b"  ", str(NOW), b"{}")), (1, 0)),
        (checked("ValueError", secret="", signature=digest(b"", str(NOW), b"{}")), (1, 0)),
        (checked(**TRUE, secret="  ", signature=digest(b"  ", str(NOW), b"{}")), (1, 1)),
        (checked(**TRUE), (0, 0)),
    ],
    "VERIFY-12": [
        (checked(**TRUE, stamp=str(NOW - 9999), tolerance_seconds=None), (1, 0)),
        (checked(**FALSE, stamp=str(NOW - 9999), tolerance_seconds=None), (1, 1)),
        (checked(**FALSE, tolerance_seconds=-1), (1, 0)),
        (checked(**TRUE, tolerance_seconds=-1), (1, 1)),
        (checked(**TRUE, tolerance_seconds=Decimal("-0.5")), (1, 1)),
        (checked("ValueError", tolerance_seconds="NaN"), (1, 0)),
        (checked(**TRUE, stamp=str(NOW - 400), tolerance_seconds=500), (0, 0)),
    ],
    "VERIFY-13": [
        (checked(**FALSE, stamp="١٧٨٣٥٨٤٠٠٠"), (1, 0)),
        (checked(**TRUE, stamp="١٧٨٣٥٨٤٠٠٠"), (1, 1)),
        (checked(**TRUE, stamp="١٧٨٣٥٨٤٠٠٠", tolerance_seconds=None), (0, 0)),
        (checked(**TRUE), (0, 0)),
    ],
    "VERIFY-14": [
        (checked(**TRUE, stamp=f"{NOW}000"), (1, 0)),
        (checked(**TRUE, stamp="2026-07-09T08:00:00Z"), (1, 0)),
        (checked(**TRUE, stamp="2026-07-09T08:00:00.000+00:00"), (1, 0)),
        (checked(**FALSE, stamp=f"{NOW}000"), (1, 1)),
        (checked(**FALSE, stamp="2026-07-09T08:00:00Z"), (1, 1)),
        (checked(**FALSE, stamp="2026-07-08T08:00:00Z"), (0, 0)),
        (checked(**FALSE, stamp="soon"), (0, 0)),
        (checked(**FALSE), (0, 0)),
    ],
}


@pytest.mark.parametrize(
    ("row", "call", "expected"), [(row, *case) for row, cases in CASES.items() for case in cases]
)
def test_each_kind_of_delivery_has_its_row(row: str, call: Any, expected: Any, count: Any) -> None:
    assert count(row, call) == expected


def test_headers_of_phaseo_are_read_in_its_profile(count: Any) -> None:
    calls = [checked(**TRUE, names=(OTHER,)), checked(**FALSE, names=(OTHER,)), checked(**TRUE)]
    assert count("VERIFY-05", *calls, profile="phaseo") == (2, 1)


def test_a_check_that_reads_other_headers_fails_for_that_alone(broken: Any) -> None:
    own = {"names": (OWN,)}
    odd = [{"signature": SIGNED.upper()}, {"stamp": str(NOW - 300)}, {"body": b"\xff"}]
    calls = [checked(**FALSE, **own), *(checked(**FALSE, **own, **one) for one in odd)]
    assert broken(sdk(*calls)) == {"VERIFY-04"}
    assert broken(sdk(checked(**TRUE, **own), *calls[1:])) == {
        "VERIFY-07",
        "VERIFY-08",
        "VERIFY-10",
    }


def test_headers_that_disagree_are_not_judged(broken: Any) -> None:
    call = checked(**FALSE)
    call.call.arguments["headers"][2][1] = str(NOW + 1)
    assert broken(sdk(call)) == set()
