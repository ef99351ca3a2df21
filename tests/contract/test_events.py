"""Every event version ever published can still be read, and a published version never changes its meaning.

`samples/<type>.v<version>.json` holds the schema's fields as published and one event as it lay on the log. A new event
or version gets its sample from `make samples`, which never overwrites one.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields

from services.contracts import registry
from services.contracts.registry import EVENTS, InvalidEvent, Registered, UnknownEvent
from tests import builders
from tests.contract.make_samples import SAMPLES, described, sample_name

FILES = sorted(SAMPLES.glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@pytest.mark.parametrize("entry", EVENTS.values(), ids=EVENTS)
def test_every_current_version_has_its_sample(entry: Registered) -> None:
    assert (SAMPLES / sample_name(entry)).exists(), "a new version: run `make samples` and commit what it writes"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_published_event_can_be_read(path: Path) -> None:
    sample = load(path)
    event = registry.read(sample["type"], sample["version"], sample["data"])
    assert sample["type"] == event.TYPE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_published_version_is_never_changed_incompatibly(path: Path) -> None:
    sample = load(path)
    entry = EVENTS[sample["type"]]
    if entry.version != sample["version"]:
        return
    now = described(entry)
    for name, field in sample["fields"].items():
        assert now.get(name) == field, f"{name} changed or went: publish version {entry.version + 1} with an upcaster"
    new = {name for name in now.keys() - sample["fields"].keys() if now[name]["required"]}
    assert not new, f"old events lack the new required fields {new}: give them a default, or a new version"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_readers_ignore_what_a_newer_writer_adds(path: Path) -> None:
    sample = load(path)
    data = {**sample["data"], "added_later": {"by": "a newer version"}}
    assert registry.read(sample["type"], sample["version"], data) == registry.read(
        sample["type"], sample["version"], sample["data"]
    )


def test_a_newer_version_is_unknown_not_misread() -> None:
    with pytest.raises(UnknownEvent):
        registry.read("feedback.rated", 99, {})
    with pytest.raises(UnknownEvent):
        registry.read("feedback.sung", 1, {})


@pytest.mark.parametrize(
    "event",
    [
        builders.declined(reason=None),
        builders.declined(explanation=None),
        builders.declined(explanation=""),
        builders.declined(explanation=" \n\t"),
        builders.done(what_was_done="   "),
        builders.declined(reason="because"),
        builders.done(what_was_done=None),
        builders.duplicate(duplicate_of=None),
        builders.rated(score=6),
        builders.submitted(kind="rant"),
    ],
)
def test_writers_are_strict(event: Any) -> None:
    with pytest.raises(InvalidEvent):
        registry.write(event)


def test_a_refusal_names_fields_and_quotes_nobody() -> None:
    with pytest.raises(InvalidEvent) as refusal:
        registry.read("feedback.rated", 1, {"closure": "sam@example.com", "score": 9, "person": "p"})
    assert str(refusal.value) == "feedback.rated: closure, score"


def test_events_with_personal_fields_name_their_person() -> None:
    from services.contracts.sealed import personal_fields

    for entry in EVENTS.values():
        if personal_fields(entry.schema):
            assert isinstance(entry.schema.fields.get("person"), fields.String), entry.name
