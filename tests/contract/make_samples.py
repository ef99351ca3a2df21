"""Writes the sample of every event version that has none yet: `python -m tests.contract.make_samples`."""

import json
from pathlib import Path
from typing import Any

from marshmallow import fields

from services.contracts import registry
from services.contracts.registry import EVENTS, Registered
from tests import builders

SAMPLES = Path(__file__).parent / "samples"
EXAMPLES = [
    builders.submitted(tracking_token="t" * 64, number="7K3M-9QXT", title="Printer", service="Network", rating=2),
    builders.replied(reply_id="r1"),
    builders.rated(comment="Quick and honest."),
    builders.joined(voice="v1", tracking_token="t" * 64),
    builders.corrected(correction_id="c1"),
    builders.withdrawn(),
    builders.profile(),
    builders.mail_reported(original_id="<n1@example.com>", feedback="f1"),
    builders.opened(number="7K3M-9QXT"),
    builders.acknowledged(),
    builders.asked(question_id="q1"),
    builders.resumed(),
    builders.declined(alternative="The printer on the second floor.", would_change="A cheaper lease."),
    builders.reopened(),
    builders.sent(feedback="f1"),
    builders.failed(feedback="f1"),
    builders.unit(),
    builders.assigned(),
]


def sample_name(entry: Registered) -> str:
    """The file of an entry's current version."""
    return f"{entry.name}.v{entry.version}.json"


def described(entry: Registered) -> dict[str, dict[str, Any]]:
    """What other programs rely on, per field: its type and whether it is required."""
    return {name: _described(field) for name, field in entry.schema.fields.items()}


def _described(field: Any) -> dict[str, Any]:
    described = {"type": type(field).__name__, "required": field.required, "null": bool(field.allow_none)}
    if isinstance(field, fields.Nested):
        described["fields"] = {name: _described(inner) for name, inner in field.schema.fields.items()}
    if isinstance(field, fields.List):
        described["items"] = _described(field.inner)
    return described


def main() -> None:
    """Write what is missing; a published sample is never touched."""
    SAMPLES.mkdir(exist_ok=True)
    examples = {event.TYPE: event for event in EXAMPLES}
    for entry in EVENTS.values():
        path = SAMPLES / sample_name(entry)
        if path.exists():
            continue
        data = registry.write(examples[entry.name])
        content = {"type": entry.name, "version": entry.version, "fields": described(entry), "data": data}
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
