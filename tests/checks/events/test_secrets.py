from typing import Any

import pytest

from conformance.checks.events._secrets import telling_secret
from conformance.testing import observed
from conformance.testing_webhooks import created

URL = "https://hooks.example.com/hook"


@pytest.mark.parametrize(
    ("secret", "telling"),
    [
        ("  whsec_1  ", "whsec_1"),
        ("{{webhook:1}}", "{{webhook:1}}"),
        ("0123456789abcdef", "0123456789abcdef"),
        ("short", None),
        ("completed", None),
        ("1783587600", None),
        ("hooks.example.com", None),
        ("file_1", None),
        ("  ", None),
        (None, None),
        (7, None),
    ],
)
def test_a_secret_tells_where_to_find_it_is_no_chance(secret: Any, telling: Any) -> None:
    seen = observed(created({"url": URL, "secret": secret}))
    assert telling_secret(seen.creates[0]) == telling
    assert telling_secret(None) is None
