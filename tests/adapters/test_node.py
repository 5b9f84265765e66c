"""The adapter of JavaScript SDKs, with a small one in the shape of the SDK for TypeScript."""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters import METHODS
from conformance.doctor import examine
from conformance.errors import AdapterError
from conformance.targets.command import CommandHost

SCRIPT = Path(sys.modules["conformance.adapters"].__path__[0]) / "node/adapter.mjs"
SDK = Path(__file__).parent / "scripts/stats-sdk"
NAME = "@acme/stats-sdk"
SETTINGS = {"base_url": "http://127.0.0.1:9/v1", "api_key": "k"}

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")


def host(*arguments: str) -> CommandHost:
    return CommandHost(["node", str(SCRIPT), *arguments])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in whose parent's node_modules the SDK is installed."""
    shutil.copytree(SDK, tmp_path / "node_modules" / NAME)
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    return tmp_path


def said(*arguments: str) -> dict[str, Any]:
    async def ask() -> dict[str, Any]:
        asked = host(*arguments)
        try:
            return await asked.hello()
        finally:
            await asked.exit()

    return asyncio.run(ask())


def outcomes(*calls: tuple[str, dict[str, Any]], option: str = "") -> list[dict[str, Any]]:
    """What comes of calls of one client."""

    async def ask() -> list[dict[str, Any]]:
        asked = host("--package", str(SDK), *(["--option", option] if option else []))
        opened = await asked.open("c", SETTINGS)
        assert "error" not in opened
        try:
            return [await asked.call("c", method, args) for method, args in calls]
        finally:
            await asked.exit()

    return asyncio.run(ask())


@pytest.mark.usefixtures("project")
def test_a_package_is_found_from_the_working_directory_up() -> None:
    hello = said("--package", NAME)
    assert (hello["sdk"], hello["version"], hello["language"]) == (NAME, "2.1.0", "javascript")
    assert hello["methods"] == {name: name for name in METHODS}
    assert (hello["concurrency"], hello["timeout_default"]) == (8, 60)


@pytest.mark.parametrize("tail", ["", "/esm/index.js"])
def test_a_path_is_a_folder_or_a_file(tail: str) -> None:
    assert said("--package", f"{SDK}{tail}")["version"] == "2.1.0"
    assert said("--package", (SDK / "esm/index.js").as_uri())["sdk"] == NAME


def test_a_class_can_be_named() -> None:
    methods = said("--package", str(SDK), "--export", "AIStatsHttpError")["methods"]
    assert sorted(methods) == ["computeAsyncWebhookSignature", "verifyAsyncWebhookSignature"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "say which SDK, with --package NAME_OR_PATH"),
        (("--package", "acme-nowhere"), "Cannot find module 'acme-nowhere'"),
        (("--package", str(SDK), "--option", "a=b"), "is not valid JSON"),
    ],
)
def test_what_cannot_be_used_is_said(arguments: tuple[str, ...], text: str) -> None:
    with pytest.raises(AdapterError, match="ended with status 4") as caught:
        said(*arguments)
    assert text in str(caught.value)


def test_an_sdk_that_does_not_import_has_no_methods(tmp_path: Path) -> None:
    (tmp_path / "torn.mjs").write_text("import 'acme-nowhere';", "utf-8")
    assert said("--package", str(tmp_path / "torn.mjs"))["methods"] == {}


def test_the_doctor_finds_nothing_wrong() -> None:
    symptoms = asyncio.run(examine(host("--package", str(SDK))))
    assert [(one.step, one.blame) for one in symptoms if one.blame] == []
    assert "AIStatsHttpError with status 404" in next(
        one.text for one in symptoms if one.step == "get"
    )


def test_options_and_bytes_are_translated() -> None:
    options = {"interval_ms": 1500, "close_on_terminal": False}
    body = "e30="
    signed = (
        "computeAsyncWebhookSignature",
        {"secret": "s", "timestamp": "17", "body_base64": body},
    )
    url = ("batches.websocketUrl", {"batch_id": "b", "options": options})
    made, signature = outcomes(url, signed)
    assert made["value"].endswith("/async/batch/b/ws?interval_ms=1500&close_on_terminal=false")
    headers = [
        ["X-AI-Stats-Timestamp", "17"],
        ["x-ai-stats-signature", signature["value"]],
        ["x-ai-stats-signature", "later"],
    ]
    check = {"secret": "s", "body_base64": body, "headers": headers, "now": 17}
    verify = "verifyAsyncWebhookSignature"
    found = outcomes((verify, check), (verify, {**check, "now": 999}))
    assert [one["value"] for one in found] == [True, False]


def test_failures_have_their_kinds() -> None:
    get = "getBatch"
    kinds = [one["error"]["kind"] for one in outcomes((get, {}), (get, {"batch_id": "b"}))]
    assert kinds == ["argument", "transport"]


def test_options_of_the_sdk_can_be_given() -> None:
    [made] = outcomes(
        ("batches.websocketUrl", {"batch_id": "b"}), option='baseUrl="https://acme.test/v2"'
    )
    assert made["value"] == "wss://acme.test/v2/async/batch/b/ws"
