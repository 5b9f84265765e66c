import pytest

from conformance.checks.sdk._foreign import is_foreign


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("urllib.error.HTTPError", "python"),
        ("http.client.RemoteDisconnected", "Python"),
        ("httpx.HTTPStatusError", "python"),
        ("ConnectionRefusedError", "python"),
        ("TypeError", "typescript"),
        ("\\RuntimeException", "php"),
        ("java.io.IOException", "java"),
        ("Net::HTTPBadResponse", "ruby"),
        ("*url.Error", "go"),
    ],
)
def test_classes_of_languages_and_transports_are_foreign(name: str, language: str) -> None:
    assert is_foreign(name, language)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("openai.NotFoundError", "python"),
        ("ai_stats.errors.HttpError", "python"),
        ("http.Error", "typescript"),
        ("AIStatsHttpError", "typescript"),
        ("*gen.HTTPError", "go"),
        ("AIStats\\RequestException", "php"),
        ("", "python"),
    ],
)
def test_classes_of_an_sdk_are_its_own(name: str, language: str) -> None:
    assert not is_foreign(name, language)
