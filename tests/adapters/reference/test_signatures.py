import base64
import json
from typing import Any

import pytest

from conformance.adapters.reference.signatures import TOLERANCE_S, Signatures
from conformance.resources import vectors_dir

FILE = json.loads((vectors_dir() / "signatures.json").read_text("utf-8"))
VECTORS = [*FILE["vectors"], *FILE["other_times"]]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_delivery_is_judged_as_the_vectors_say(vector: Any) -> None:
    body = base64.b64decode(vector["body_base64"])
    tolerance = vector.get("tolerance_seconds", TOLERANCE_S)
    found = Signatures().verify(vector["secret"], body, vector["headers"], vector["now"], tolerance)
    assert found is vector["accept"]


def test_headers_of_either_name_are_read() -> None:
    signature = Signatures().compute("secret", "1", b"body")
    for prefix in ("x-ai-stats-", "x-phaseo-"):
        headers = [(f"{prefix}timestamp", "1"), (f"{prefix}signature", signature)]
        assert Signatures().verify("secret", b"body", headers, 1, TOLERANCE_S)
