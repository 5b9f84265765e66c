"""openapi.yaml: every route of the batch API, usable by tools, on the schemas beside it."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from conformance.resources import schemas_dir

OPENAPI = schemas_dir() / "openapi.yaml"
BATCH_ROUTES = {
    ("get", ""),
    ("post", ""),
    ("get", "/models"),
    ("get", "/{batch_id}"),
    ("post", "/{batch_id}/cancel"),
}
FILE_ROUTES = {
    ("get", "/files"),
    ("post", "/files"),
    ("get", "/files/{file_id}"),
    ("get", "/files/{file_id}/content"),
}


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load(OPENAPI.read_text("utf-8"))


@pytest.fixture(scope="module")
def api() -> Any:
    return schemathesis.openapi.from_path(OPENAPI)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    members = value.values() if isinstance(value, dict) else value
    for member in members if isinstance(value, dict | list) else ():
        yield from references(member)


def operations(document: Any) -> set[tuple[str, str]]:
    paths = document["paths"]
    return {(word, path) for path in paths for word in paths[path] if word in {"get", "post"}}


def answer(body: Any) -> httpx.Response:
    request = httpx.Request("GET", "http://gateway.example/v1/batches/batch_ex1")
    response = httpx.Response(200, json=body, request=request)
    response.elapsed = timedelta(0)
    return response


def example(name: str) -> Any:
    return json.loads((schemas_dir() / "examples" / name).read_text("utf-8"))


def test_both_spellings_of_the_batch_routes_and_the_file_routes_are_described(
    document: Any,
) -> None:
    batches = {(m, base + rest) for m, rest in BATCH_ROUTES for base in ("/batches", "/batch")}
    assert operations(document) == batches | FILE_ROUTES


def test_every_operation_has_an_id_of_its_own_and_needs_the_bearer_token(document: Any) -> None:
    described = [document["paths"][path][method] for method, path in operations(document)]
    assert len({operation["operationId"] for operation in described}) == len(described) == 14
    assert document["security"] == [{"bearer": []}]
    assert not any("security" in operation for operation in described)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_reference_leads_to_a_file_or_a_component(document: Any) -> None:
    found = set(references(document))
    files = {reference for reference in found if reference.startswith("./")}
    assert all((schemas_dir() / reference).is_file() for reference in files)
    for reference in found - files:
        node = document
        for token in reference.removeprefix("#/").split("/"):
            node = node[token]
        assert isinstance(node, dict)


def test_the_examples_of_ids_and_of_the_create_request_are_valid(
    document: Any, python_validator: Callable[[str], Any]
) -> None:
    body = document["components"]["requestBodies"]["Batch"]["content"]["application/json"]
    assert python_validator("batch-request.schema.json").is_valid(body["example"])
    parameters = document["components"]["parameters"]
    assert {name: parameters[name].get("example") for name in ("batch_id", "file_id")} == {
        "batch_id": "batch_ex1",
        "file_id": "file-in-7Q2",
    }


def test_generated_create_requests_are_valid(
    api: Any, python_validator: Callable[[str], Any]
) -> None:
    strategy = api["/batches"]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE)
    seen: list[Any] = []

    @given(case=strategy)
    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def collect(case: Any) -> None:
        seen.append(case.body)

    collect()
    validator = python_validator("batch-request.schema.json")
    assert len(seen) >= 20
    assert [body for body in seen if not validator.is_valid(body)] == []


def test_a_described_answer_is_judged_down_to_the_schemas_that_it_refers_to(api: Any) -> None:
    operation = api["/batches/{batch_id}"]["GET"]
    body = example("batch/valid/completed-charged.json")
    assert operation.is_valid_response(answer(body))
    del body["webhook"]["events"]
    assert not operation.is_valid_response(answer(body))
