"""A verifier of webhook signatures, and the vectors that it must pass. Put yours in its place."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest

from conformance.resources import vectors_dir

VECTORS = json.loads((vectors_dir() / "signatures.json").read_text("utf-8"))["vectors"]


def accepts(secret, headers, body, now, tolerance_seconds=300):
    """Replace this by a call of your SDK's verifier."""
    first = {}
    for name, value in headers:
        first.setdefault(name.lower(), value.strip())
    timestamp = first.get("x-ai-stats-timestamp", "")
    signature = first.get("x-ai-stats-signature", "").lower()
    if not (secret.strip() and timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
        return False
    if tolerance_seconds is not None and abs(now - int(timestamp)) > tolerance_seconds:
        return False
    signed = timestamp.encode() + b"." + body
    wanted = hmac.new(secret.strip().encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, signature)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_delivery_is_accepted_or_refused(vector):
    more = {key: vector[key] for key in ("tolerance_seconds",) if key in vector}
    body = base64.b64decode(vector["body_base64"])
    accepted = accepts(vector["secret"], vector["headers"], body, vector["now"], **more)
    assert accepted is vector["accept"], vector["why"]


def test_what_a_gateway_sends_is_accepted_and_answered(mock_gateway, webhook_receiver):
    receiver = webhook_receiver(200)
    key = mock_gateway.default_keys()["AI_STATS_API_KEY"]
    row = b'{"custom_id":"a","body":{"model":"mock-mini"}}'
    with httpx.Client(base_url=mock_gateway.url, headers={"authorization": f"Bearer {key}"}) as api:
        upload = api.post("/files", files={"file": row}, data={"purpose": "batch"}).json()
        batch = {"input_file_id": upload["id"], "endpoint": "/v1/responses"}
        api.post("/batches", json={**batch, "webhook": receiver.webhook(events=["created"])})
    (delivery,) = receiver.deliveries()
    age = None  # the mock signs at its own, virtual time
    assert accepts(receiver.secret, delivery.headers, delivery.body.content, 0, age)
