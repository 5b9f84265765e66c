"""The pytest plugin: options, hooks and fixtures only. Everything heavy is imported when wanted."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance._session import SuiteSession
    from conformance.fixtures import SdkReplay
    from conformance.mock.server import MockServer
    from conformance.replay.server import ReplayServer
    from conformance.targets.own_receiver import OwnReceiver

_SUITE = Path(__file__).parent / "suite"
_STATE: pytest.StashKey[Any] = pytest.StashKey()


def _add(group: pytest.OptionGroup, name: str, option: Any) -> None:
    attributes: dict[str, Any] = {"dest": option.dest, "help": option.help, "default": None}
    if option.kind == "flag":
        attributes["action"] = "store_true"
    else:
        attributes["metavar"] = option.metavar or option.name.upper().replace("-", "_")
        if option.kind == "many":
            attributes["action"] = "append"
    group.addoption(name, **attributes)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long form of every option; the short ones follow where no other plugin has the name."""
    from conformance.options import OPTIONS

    group = parser.getgroup("conformance", "conformance of a batch API")
    for option in OPTIONS:
        _add(group, f"--conformance-{option.name}", option)


@pytest.hookimpl(trylast=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> None:
    """The short form of every option that no other plugin and no conftest has taken."""
    from conformance.options import OPTIONS

    groups = [*parser._groups, parser._anonymous]  # noqa: SLF001 - no public list of the options
    taken = {name for group in groups for option in group.options for name in option.names()}
    group = parser.getgroup("conformance")
    for option in OPTIONS:
        if not option.long_only and f"--{option.name}" not in taken:
            try:
                _add(group, f"--{option.name}", option)
            except (argparse.ArgumentError, ValueError):
                continue


def _import_plainly(config: pytest.Config) -> None:
    # pytest rewrites the asserts of every module of a plugin's distribution. The suite judges by
    # findings, and the rewriting would cost a first run a second.
    hook = config.pluginmanager.rewrite_hook
    marked = getattr(hook, "_must_rewrite", None)
    if isinstance(marked, set):
        marked.discard("conformance")
        hook.mark_rewrite()


def _state(config: pytest.Config) -> "SuiteSession":
    """The suite's part in this pytest run, made at its first use."""
    if _STATE not in config.stash:
        _import_plainly(config)
        from conformance._session import SuiteSession

        config.stash[_STATE] = SuiteSession(config)
    state: SuiteSession = config.stash[_STATE]
    return state


def _is_suite_file(path: Path) -> bool:
    return path.parent == _SUITE and path.name.startswith("test_") and path.suffix == ".py"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the shipped suite whatever the user's `python_files` says."""
    if not _is_suite_file(file_path):
        return None
    patterns = parent.config.getini("python_files")
    if any(file_path.match(pattern) for pattern in patterns):
        return None
    return _state(parent.config).collector(file_path, parent)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """The shipped suite has items of its own."""
    if not _is_suite_file(module_path):
        return None
    return _state(parent.config).collector(module_path, parent)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember what the user left out, for the report."""
    for item in items:
        if hasattr(item, "row"):
            _state(item.config).deselected.append(item.row.id)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say what cannot be used, when the suite is wanted."""
    if _STATE in config.stash:
        _state(config).refuse(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Drive the target once for all items that are left; `--plan` ends here."""
    if any(hasattr(item, "row") for item in session.items):
        return _state(session.config).before_items(session)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Under xdist: a worker takes over what the controller saw."""
    if hasattr(item, "row"):
        _state(item.config).before_item()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Under xdist: tell a worker where the controller will keep the run."""
    from conformance import _workers

    node.workerinput[_workers.FOLDER_INPUT] = _workers.folder_name(node.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Under xdist: the controller drives once, before any worker judges."""
    from conformance._workers import suite_ids

    wanted = suite_ids(ids)
    if wanted:
        _state(node.config).before_workers(wanted)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What is broken, and honest counts."""
    if _STATE in config.stash:
        _state(config).summarise(terminalreporter)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The exit status of the suite, and the report."""
    if _STATE in session.config.stash and not hasattr(session.config, "workerinput"):
        _state(session.config).finish(session)


@pytest.fixture(scope="session")
def mock_gateway() -> Iterator["MockServer"]:
    """The mock gateway on a free port: `url`, `control_url`, `default_keys()`."""
    from conformance.mock.server import MockServer

    with MockServer() as server:
        yield server


@pytest.fixture(scope="session")
def gateway(pytestconfig: pytest.Config) -> Any:
    """An httpx client of the gateway under test (--gateway-url), or of the mock."""
    from conformance.errors import UsageError
    from conformance.fixtures import gateway_client

    try:
        with gateway_client(_state(pytestconfig).usable_config()) as client:
            yield client
    except UsageError as error:
        pytest.fail(f"error: {error}", pytrace=False)


@pytest.fixture
def cassette() -> Any:
    """A function that loads a cassette and replays it to httpx code: `cassette(path).client()`."""
    from conformance.replay.client import Replay

    def load(path: str | Path) -> Replay:
        return Replay.load(Path(path))

    return load


@pytest.fixture
def replay_server() -> Iterator["Callable[..., ReplayServer]"]:
    """A function that serves a recording: `replay_server(path, strict=True).url`."""
    from contextlib import ExitStack

    from conformance.replay.server import ReplayOptions, ReplayServer, chosen

    with ExitStack() as servers:

        def serve(path: str | Path, scenario: str | None = None, **options: Any) -> ReplayServer:
            cassette = chosen(Path(path), scenario)
            return servers.enter_context(ReplayServer(cassette, ReplayOptions(**options)))

        yield serve


@pytest.fixture
def sdk_replay(pytestconfig: pytest.Config) -> Iterator["Callable[..., SdkReplay]"]:
    """A function that serves a recording to an SDK: `sdk_replay(path, sdk="openai").url`.

    By respx where the SDK uses httpx, else by a server; the SDK of --adapter and --adapter-cmd
    can be called too: `sdk_replay(path).call("getBatch", batch_id="…")`.
    """
    from conformance.errors import UsageError
    from conformance.fixtures import SdkReplays

    try:
        replays = SdkReplays(_state(pytestconfig).usable_config())
    except UsageError as error:
        pytest.fail(f"error: {error}", pytrace=False)
    with replays:
        yield replays.serve


@pytest.fixture
def webhook_receiver() -> Iterator["Callable[..., OwnReceiver]"]:
    """A function that opens a receiver of webhooks: `.url`, `.secret`, `.deliveries(count)`."""
    from conformance.targets.own_receiver import OwnReceivers

    with OwnReceivers() as receivers:
        yield receivers.open


@pytest.fixture
def judge() -> Any:
    """A function that judges transcripts or cassettes: broken ids with their findings."""
    from conformance.fixtures import judge_broken

    return judge_broken
