"""The published API document is the one the code gives, is valid OpenAPI 3.1, and holds under odd requests."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from services import embedded, openapi
from services.chassis.process import Process
from tests.world import World

PUBLISHED = Path(__file__).parents[2] / "services" / "openapi.json"
EXAMPLES = int(os.environ.get("LIAISE_FUZZ", "15"))
"""Requests per operation; LIAISE_FUZZ=1000 for a long run."""


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PUBLISHED.read_text())
    return loaded


def test_the_published_document_is_current(process: Process) -> None:
    assert document() == openapi.merged(process), "run `make docs` and commit what it writes"


def test_the_published_document_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_every_operation_says_who_may_and_what_goes_wrong() -> None:
    for path, operations in document()["paths"].items():
        for verb, operation in operations.items():
            if verb in ("get", "post", "put", "delete", "patch"):
                assert operation.get("summary"), f"{verb} {path}"
                assert "default" in operation["responses"] or "422" in operation["responses"], f"{verb} {path}"


@pytest.fixture
def fuzzed(world: World) -> tuple[Any, dict[str, str]]:
    apps = {name: app.wsgi_app for name, app in world.apps.items()}
    spec = json.loads(world.client().get("/v1/openapi.json").text)
    schema = schemathesis.openapi.from_dict(spec)
    schema.app = embedded.dispatcher(apps)
    return schema, world.bearer()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_request_makes_a_server_error(fuzzed: tuple[Any, dict[str, str]]) -> None:
    load_all_checks()
    schema, bearer = fuzzed
    schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
    for operation in schema.get_all_operations():
        _fuzz(operation.ok(), bearer)


def _fuzz(operation: Any, bearer: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        case.headers = {**(case.headers or {}), **bearer}
        case.call_and_validate(checks=[not_a_server_error, status_code_conformance, response_schema_conformance])

    run()
