"""Refetch the vendored assets and verify them: `python -m services.chassis.ui.vendor [--check | --update]`.

Without an option every file is fetched with `npm pack` in its pinned version, compared with the recorded
integrity and written. `--check` compares what lies here with the manifest and needs no network. `--update` is
for a new version: change it in the manifest, run, read the diff.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from dataclasses import asdict, dataclass, replace
from hashlib import sha384
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"
MANIFEST = FOLDER / "manifest.json"


class Mismatch(Exception):
    """A file is not the one the manifest names."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One vendored file: `source` is its path inside the npm package, `file` its name here."""

    name: str
    version: str
    source: str
    file: str
    licence: str
    integrity: str


def integrity(body: bytes) -> str:
    """The sha384 of a file in the form browsers take."""
    return "sha384-" + b64encode(sha384(body).digest()).decode()


def entries() -> list[Entry]:
    """What the manifest lists, in its order."""
    return [Entry(**item) for item in json.loads(MANIFEST.read_text())]


def verify(entry: Entry, body: bytes) -> None:
    """Raises Mismatch when the bytes are not those of the entry."""
    if integrity(body) != entry.integrity:
        raise Mismatch(f"{entry.file} is not the recorded {entry.name} {entry.version}")


def fetch(name: str, version: str, folder: Path) -> tarfile.TarFile:
    """The npm package, opened; raises CalledProcessError when npm cannot fetch it."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), f"{name}@{version}"]
    # Name and version come from our own manifest, and no shell reads them.
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return tarfile.open(folder / done.stdout.strip().splitlines()[-1])


def extract(package: tarfile.TarFile, source: str) -> bytes:
    """One file of an npm package; raises KeyError when it is not in there."""
    member = package.extractfile(f"package/{source}")
    if member is None:
        raise KeyError(source)
    return member.read()


def check() -> None:
    """Compare every file here with the manifest; raises Mismatch or FileNotFoundError."""
    for entry in entries():
        verify(entry, (FOLDER / entry.file).read_bytes())


def refetch(update: bool) -> None:
    """Fetch every package once and write its files, recording new hashes when `update` is set."""
    written: list[Entry] = []
    with tempfile.TemporaryDirectory() as scratch:
        packages: dict[str, tarfile.TarFile] = {}
        for entry in entries():
            if entry.name not in packages:
                packages[entry.name] = fetch(entry.name, entry.version, Path(scratch))
            body = extract(packages[entry.name], entry.source)
            if update:
                entry = replace(entry, integrity=integrity(body))
            verify(entry, body)
            (FOLDER / entry.file).write_bytes(body)
            written.append(entry)
    MANIFEST.write_text(json.dumps([asdict(entry) for entry in written], indent=2) + "\n")


def main() -> int:
    """The command line; 1 when a file does not match."""
    parser = argparse.ArgumentParser(prog="python -m services.chassis.ui.vendor")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="compare the files here with the manifest, offline")
    choice.add_argument("--update", action="store_true", help="record the hashes of the versions named in the manifest")
    options = parser.parse_args()
    try:
        check() if options.check else refetch(options.update)
    except (Mismatch, KeyError, OSError, subprocess.CalledProcessError) as problem:
        sys.stderr.write(f"vendored assets: {problem}\n")
        return 1
    sys.stdout.write(f"vendored assets: {len(entries())} files match the manifest\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
