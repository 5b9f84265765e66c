import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import conformance
from conformance.resources import vectors_dir
from conformance.signature import digest, is_signed, sign, trimmed, verify

ROOT = Path(__file__).parents[1]
CONTRACT = json.loads((ROOT / "docs/contract/vectors/lifecycle.json").read_text("utf-8"))
FILE = json.loads((vectors_dir() / "signatures.json").read_text("utf-8"))
VECTORS = FILE["vectors"]
# One vector at least for each way to be wrong.
WAYS = (
    "wrong secret", "altered byte", "re-serialised body", "altered timestamp", "old timestamp",
    "timestamp ahead", "missing timestamp", "missing signature", "truncated hex", "scheme prefix",
    "base64", "algorithm SHA-1", "algorithm SHA-512", "prefix of the secret cut", "blank secret",
)  # fmt: skip


def body_of(vector: Any) -> bytes:
    if "body_base64" in vector:
        return base64.b64decode(vector["body_base64"])
    return vector["body"].encode()


@pytest.mark.parametrize("vector", CONTRACT["signatures"], ids=lambda one: one["name"])
def test_a_body_is_signed_as_the_contract_says(vector: Any) -> None:
    body = body_of(vector)
    assert hashlib.sha256(body).hexdigest() == vector["body_sha256"]
    assert sign(vector["secret"], vector["timestamp"], body) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_a_delivery_is_accepted_or_refused_as_its_vector_says(vector: Any) -> None:
    more = {"tolerance_s": vector["tolerance_seconds"]} if "tolerance_seconds" in vector else {}
    headers = [(name, value) for name, value in vector["headers"]]
    accepted = verify(vector["secret"], headers, body_of(vector), now_s=vector["now"], **more)
    assert accepted is vector["accept"]


@pytest.mark.parametrize("change", CONTRACT["mutations"], ids=lambda one: str(one["value"])[:20])
def test_the_mutations_of_the_contract_are_answered_as_it_says(change: Any) -> None:
    vector = {one["name"]: one for one in CONTRACT["signatures"]}[change["of"]]
    bent = dict(vector)
    now_s = int(vector["timestamp"])
    if change["change"] == "now":
        _, sign_, seconds, _ = change["value"].split(" ")
        now_s += int(sign_ + seconds)
    else:
        bent[change["change"]] = change["value"]
    headers = [("x-ai-stats-timestamp", bent["timestamp"])]
    headers.append(("x-ai-stats-signature", bent["signature"]))
    assert verify(bent["secret"], headers, body_of(bent), now_s=now_s) is change["expect"]


def test_every_vector_of_the_contract_is_among_those_of_the_package() -> None:
    signed = {(one["secret"], one["signature"]) for one in CONTRACT["signatures"]}
    known = {(one["secret"], dict(one["headers"]).get("x-ai-stats-signature")) for one in VECTORS}
    assert signed <= known
    assert len({one["name"] for one in VECTORS}) == len(VECTORS)


def test_the_vectors_have_the_shape_that_their_schema_says() -> None:
    schema = json.loads((vectors_dir() / "signatures.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(FILE, schema, jsonschema.Draft202012Validator)


def test_every_way_to_be_wrong_has_its_vector() -> None:
    refused = {one["name"] for one in VECTORS if not one["accept"]}
    assert set(WAYS) <= refused
    assert not any(name.startswith("good") for name in refused)
    assert all(one["name"].startswith("good: ") for one in VECTORS if one["accept"])


def test_the_vectors_lie_in_the_package_with_their_page() -> None:
    package = Path(conformance.__file__).parent
    assert vectors_dir() == package / "vectors"
    names = ("signatures.json", "signatures.schema.json", "README.md")
    assert all((vectors_dir() / name).is_file() for name in names)


def test_a_delivery_of_the_other_profile_is_read_by_its_prefix() -> None:
    made = [("x-phaseo-timestamp", "10"), ("x-phaseo-signature", sign("secret", "10", b"{}"))]
    assert verify("secret", made, b"{}", now_s=10, prefix="x-phaseo-")
    assert not verify("secret", made, b"{}", now_s=10)


def test_a_timestamp_of_any_form_passes_where_age_does_not_matter() -> None:
    made = [("x-ai-stats-timestamp", "soon"), ("x-ai-stats-signature", sign("s", "soon", b""))]
    assert verify("s", made, b"", now_s=0, tolerance_s=None)
    assert not verify("s", made, b"", now_s=0)


def test_a_secret_is_trimmed_and_nothing_else() -> None:
    assert trimmed(" \ufeffwhsec_ a\n") == "whsec_ a"
    assert sign(" k ", "1", b"x") == digest(b"k", "1", b"x")
    assert is_signed("k", "1", b"x", digest(b"k", "1", b"x").upper())
    assert not is_signed("k", "1", b"x", "é" * 64)
