"""An adapter by its name: whatever is wrong is one line."""

import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.adapters.loading import load_adapter
from conformance.errors import ConfigError

GOOD = """
class Batches:
    def hello(self): pass
    def open(self, settings): pass
    def call(self, client, method, args): pass
    def close(self, client): pass

class Needy(Batches):
    def __init__(self, key): pass

class Half:
    def hello(self): pass

made = Batches()
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a module into the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(name: str, text: str = GOOD) -> None:
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text, "utf-8")

    return write


def refusal(name: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_adapter(name)
    return str(caught.value)


def test_a_class_is_called_and_an_instance_is_used_as_it_is(module: Callable[..., None]) -> None:
    module("acme_good")
    made = load_adapter("acme_good:Batches")
    assert type(made).__name__ == "Batches"
    assert load_adapter("acme_good:made") is sys.modules["acme_good"].made


@pytest.mark.parametrize("name", ["acme", "acme:", ":Batches", "a/b:C", "acme.py:Batches:C"])
def test_a_name_of_another_form_says_the_form(name: str) -> None:
    assert refusal(name).startswith(f"--adapter {name}: ")


def test_a_module_that_is_not_there_is_named(module: Callable[..., None]) -> None:
    assert refusal("acme_gone.client:Batches").startswith(
        "--adapter acme_gone.client:Batches: there is no module acme_gone, neither in "
    )


def test_a_module_that_it_needs_is_named(module: Callable[..., None]) -> None:
    module("acme_needs", "import acme_other\n")
    assert refusal("acme_needs:Batches") == (
        "--adapter acme_needs:Batches: module acme_needs needs acme_other, not installed"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def f(:\n", "SyntaxError: invalid syntax ({folder}/acme_bad.py, line 1)"),
        ("raise RuntimeError('two\\nlines')\n", "RuntimeError: two lines"),
        ("import sys\nsys.exit(2)\n", "SystemExit: 2"),
        ("raise OSError\n", "OSError"),
    ],
)
def test_a_module_that_does_not_import_says_why_and_on_which_python(
    module: Callable[..., None], tmp_path: Path, text: str, why: str
) -> None:
    module("acme_bad", text)
    version = platform.python_version()
    assert refusal("acme_bad:Batches") == (
        f"--adapter acme_bad:Batches: module acme_bad does not import on Python {version}: "
        + why.format(folder=tmp_path)
    )


def test_a_name_that_is_not_there_says_what_is(module: Callable[..., None]) -> None:
    module("acme_names")
    assert refusal("acme_names:Batch") == (
        '--adapter acme_names:Batch: module acme_names has no "Batch"; it has Batches, Half, Needy'
    )


def test_a_class_that_wants_arguments_is_refused(module: Callable[..., None]) -> None:
    module("acme_needy")
    text = refusal("acme_needy:Needy")
    assert text.startswith("--adapter acme_needy:Needy: cannot be called without arguments: Type")


def test_what_is_no_adapter_says_what_it_lacks(module: Callable[..., None]) -> None:
    module("acme_half")
    assert refusal("acme_half:Half") == (
        "--adapter acme_half:Half: is no adapter: it has no open, no call, no close"
    )
