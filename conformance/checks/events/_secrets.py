"""Whether a webhook's secret stands where it must not."""

import re

from conformance.checks.events._hooks import secret_of, sent_webhook
from conformance.json_text import dump
from conformance.redact import Redactor
from conformance.signature import trimmed
from conformance.views import Create

# Shorter ones would be found by chance, and so would plain words and numbers.
_SHORTEST = 6
_ORDINARY = re.compile(r"[a-z]{1,15}|[0-9]{1,15}")


def telling_secret(create: Create | None) -> str | None:
    """The trimmed secret of a create, or its marker, where to find it again is no chance."""
    secret = trimmed(secret_of(create) or "")
    if create is None or len(secret) < _SHORTEST or _ORDINARY.fullmatch(secret):
        return None
    webhook = {**(sent_webhook(create) or {}), "secret": None}
    # What the caller says himself comes back to him.
    return None if secret in dump({**create.sent, "webhook": webhook}) else secret


def stands_in(secret: str, text: str) -> bool:
    """Whether a text has the secret in any spelling, or the marker of it or of a part of it."""
    if secret.startswith("{{") and secret.endswith("}}"):
        return secret in text or f"{secret[:-2]}:" in text
    return Redactor({"webhook:sent": secret}).text(text) != text
