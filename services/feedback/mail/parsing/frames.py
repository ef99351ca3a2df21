"""What a parent and its child say to each other: four bytes of length, and as many of content."""

from typing import IO


def put(stream: IO[bytes], content: bytes) -> None:
    """Write one frame."""
    stream.write(len(content).to_bytes(4, "big"))
    stream.write(content)


def get(stream: IO[bytes]) -> bytes | None:
    """Read one frame; None when the other side is gone."""
    length = stream.read(4)
    if len(length) < 4:
        return None
    size = int.from_bytes(length, "big")
    content = stream.read(size)
    return content if len(content) == size else None
