"""The HTTP shapes of files."""

from typing import Any

from marshmallow import Schema, fields, validate

from ..domain.files import REASONS

EXAMPLE_FILE = "/v1/feedback/6f0c1f9e-6f0e-4a52-8f3a-0d2a4a1d6b7e/files/0b7e6f0c-1f9e-4a52-8f3a-0d2a4a1d6b7e"

BYTES = {"type": "string", "format": "binary"}

UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {"type": "array", "items": BYTES},
                    "text": {"type": "string", "description": "What to say about them. Absent: their names."},
                },
            }
        }
    },
}
"""The body of POST /v1/feedback/{id}/files, the same as a form's."""


class FileSchema(Schema):
    """A file that came with a feedback; `url` needs the same token as the words."""

    id = fields.String()
    url = fields.String(metadata={"example": EXAMPLE_FILE})
    name = fields.String(metadata={"example": "printer.jpg"})
    size = fields.Integer(metadata={"description": "Bytes"})
    content_type = fields.String(metadata={"description": "As its sender said; nobody has checked it."})
    sha256 = fields.String(metadata={"description": "Of its bytes, in hex"})


class RefusedSchema(Schema):
    """A file that was not kept, and why."""

    name = fields.String(metadata={"example": "setup.exe"})
    reason = fields.String(validate=validate.OneOf(REASONS), metadata={"example": "program"})
    detail = fields.String(metadata={"example": "Programs are not taken."})


class UploadedSchema(Schema):
    """What became of the files of one request."""

    files = fields.List(fields.Nested(FileSchema))
    refused = fields.List(fields.Nested(RefusedSchema))


def with_urls(feedback_id: str, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same files, each with the address of its bytes."""
    return [{**file, "url": f"/v1/feedback/{feedback_id}/files/{file['id']}"} for file in files]
