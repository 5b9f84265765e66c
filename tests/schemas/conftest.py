"""Both validators over the schema folder, offline: whatever they need comes from the folder."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource

from conformance.resources import schemas_dir

BASE = "https://ai-stats-conformance.dev/schemas/"


@pytest.fixture(scope="session")
def schemas() -> dict[str, Any]:
    paths = sorted(schemas_dir().glob("*.schema.json"))
    return {path.name: json.loads(path.read_text("utf-8")) for path in paths}


@pytest.fixture(scope="session")
def python_validator(
    schemas: dict[str, Any],
) -> Callable[[str], jsonschema.Draft202012Validator]:
    resources = [(BASE + name, Resource.from_contents(schemas[name])) for name in schemas]
    registry: Registry[Any] = Registry().with_resources(resources)

    @cache
    def validator(reference: str) -> jsonschema.Draft202012Validator:
        return jsonschema.Draft202012Validator(
            {"$ref": BASE + reference},
            registry=registry,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )

    return validator


@pytest.fixture(scope="session")
def rust_validator(schemas: dict[str, Any]) -> Callable[[str], Any]:
    def retrieve(uri: str) -> Any:
        return schemas[uri.removeprefix(BASE).partition("#")[0]]

    @cache
    def validator(reference: str) -> Any:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": BASE + reference}, validate_formats=True, retriever=retrieve
        )

    return validator
