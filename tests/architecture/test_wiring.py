"""Nothing is said that nobody hears, nothing is heard that nobody says, and production runs every role."""

import ast
from pathlib import Path

import yaml

from services import embedded
from services.__main__ import main
from services.chassis import failpoints
from services.contracts import directory, feedback, notify, topics, triage  # noqa: F401 - they fill the registry
from services.contracts.registry import EVENTS
from services.feedback import handlers as feedback_handlers
from services.insights import handlers as insights_handlers
from services.notify import handlers as notify_handlers
from services.triage import handlers as triage_handlers

ROOT = Path(__file__).parents[2]
HANDLERS = {
    "feedback": feedback_handlers.HANDLERS,
    "triage": triage_handlers.HANDLERS,
    "notify": notify_handlers.HANDLERS,
    "insights": insights_handlers.HANDLERS,
}
TERMINAL: set[str] = set()
"""Events that nobody needs to hear."""


def test_every_event_has_a_hearer() -> None:
    heard = {event.TYPE for handlers in HANDLERS.values() for event in handlers}
    assert set(EVENTS) - heard == TERMINAL


def test_every_service_subscribes_to_the_topics_of_what_it_handles() -> None:
    for name, handlers in HANDLERS.items():
        needed = {EVENTS[event.TYPE].topic for event in handlers}
        assert needed == set(embedded.SERVICES[name].HEARS), name


def test_every_topic_is_declared_with_the_dead_letters_of_every_group() -> None:
    declared = set(yaml.safe_load((ROOT / "deploy" / "topics.yaml").read_text()))
    assert declared == {*topics.ALL, *(topics.dead_letter_topic(group) for group in HANDLERS)}
    assert {entry.topic for entry in EVENTS.values()} <= set(topics.ALL)


def test_every_role_of_the_command_line_runs_in_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    commands = {tuple(service["command"]) for service in compose.values() if isinstance(service.get("command"), list)}
    says = {"feedback", "triage", "notify"}
    expected = {("web", name) for name in HANDLERS} | {("consume", name) for name in HANDLERS}
    expected |= {("relay", name) for name in says} | {("deliver",), ("mail",), ("topics",), ("migrate",)}
    assert expected <= commands
    roles = {command[0] for command in expected}
    not_roles = {"run", "demo", "doctor", "openapi", "account", "token", "client", "import", "failpoints"}
    assert set(main.commands) - not_roles == roles


def test_every_failpoint_is_on_the_path_and_every_hit_is_listed() -> None:
    hits = {
        node.args[0].value
        for path in (ROOT / "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("hit")
        and isinstance(node.args[0], ast.Constant)
    }
    assert hits == failpoints.NAMES
