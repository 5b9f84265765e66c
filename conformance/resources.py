"""Where schemas and cassettes lie: inside the wheel, or beside the package in a checkout."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_WHEEL = _PACKAGE / "_data"


def _data_dir(name: str) -> Path:
    in_wheel = _IN_WHEEL / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name


@cache
def schemas_dir() -> Path:
    """The folder of the JSON Schemas and of openapi.yaml."""
    return _data_dir("schemas")


@cache
def cassettes_dir() -> Path:
    """The folder of the shipped cassettes, one sub-folder per profile."""
    return _data_dir("cassettes")


def requirements_dir() -> Path:
    """The folder of the registry, one sub-folder per family."""
    return _PACKAGE / "requirements"


def vectors_dir() -> Path:
    """The folder of examples that other programs are held to, such as verifiers of signatures."""
    return _PACKAGE / "vectors"
