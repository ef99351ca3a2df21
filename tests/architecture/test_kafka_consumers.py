"""kafka-python's defaults for a consumer lose events: it commits by itself, and a new group starts at the end."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"
ONLY_HERE = SERVICES / "chassis" / "eventlog_kafka.py"
MUST_SAY = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}


def wrong_consumers(source: str) -> Iterator[str]:
    """The constructions of a KafkaConsumer that do not say what MUST_SAY asks for, as literals."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("KafkaConsumer"):
            literals = {word.arg: word.value for word in call.keywords if isinstance(word.value, ast.Constant)}
            said = {name: literals[name].value for name in MUST_SAY if name in literals}
            if said != MUST_SAY:
                yield f"line {call.lineno}: {said}"


def imports_kafka(source: str) -> bool:
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.append(node.module or "")
    return any(name.split(".")[0] == "kafka" for name in names)


def test_only_the_kafka_event_log_imports_kafka() -> None:
    importing = {path for path in SERVICES.rglob("*.py") if imports_kafka(path.read_text())}
    assert importing == {ONLY_HERE}


def test_every_kafka_consumer_starts_at_the_earliest_record_and_commits_by_hand() -> None:
    assert "KafkaConsumer(" in ONLY_HERE.read_text(), "there is something to check"
    for path in SERVICES.rglob("*.py"):
        assert not list(wrong_consumers(path.read_text())), path


def test_the_check_sees_what_it_is_for() -> None:
    right = "kafka.KafkaConsumer(enable_auto_commit=False, auto_offset_reset='earliest')"
    assert not list(wrong_consumers(right))
    assert list(wrong_consumers("KafkaConsumer(group_id='a')"))
    assert list(wrong_consumers(right.replace("False", "True")))
    assert list(wrong_consumers(right.replace("earliest", "latest")))
    assert imports_kafka("from kafka.errors import KafkaError")
    assert imports_kafka("def f():\n    import kafka")
    assert not imports_kafka("from .kafka import x")
