"""Each module has its test module of the same stem in the same place."""

from pathlib import Path

ROOT = Path(__file__).parents[2]

# Module (without suffix) → the test module that stands for it, and why it is not its own.
ELSEWHERE = {
    "errors": "the tree has no behaviour; every message is tested where it is raised",
    "resources": "tests/repo/test_wheel.py shows both places",
    "plugin": "tests/plugin/, by what a user types",
    "_session": "tests/plugin/, by what a user types",
    "suite/items": "tests/plugin/, by what a user types",
    "suite/test_requirements": "it is empty: the plugin makes its items",
    "cli/options": "tests/cli/, with each verb",
    "targets/sdk_caller": "a protocol, which tests/targets/test_sdk_session.py carries out",
    "targets/calls": "tests/targets/test_session.py: a session is its calls and more",
}


def test_every_module_has_its_test_module():
    missing = []
    for path in sorted((ROOT / "conformance").rglob("*.py")):
        stem = path.relative_to(ROOT / "conformance").with_suffix("").as_posix()
        if path.name == "__init__.py" or stem in ELSEWHERE:
            continue
        folder, _, name = stem.rpartition("/")
        wanted = ROOT / "tests" / folder / f"test_{name.strip('_')}.py"
        elsewhere = ("adapters/faults/", "mock/faults/", "scenarios/")
        if not wanted.is_file() and not stem.startswith(elsewhere):
            missing.append(f"{stem}: no {wanted.relative_to(ROOT)}")
    assert missing == []


def test_every_exception_still_exists():
    assert [stem for stem in ELSEWHERE if not (ROOT / f"conformance/{stem}.py").is_file()] == []
