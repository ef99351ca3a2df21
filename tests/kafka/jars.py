"""Fetches Apache Kafka from Maven Central once and keeps it in the user's cache."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
JAVA_AT_LEAST = 17


class BrokerMissing(Exception):
    """Apache Kafka cannot run on this machine; the message is one sentence that says why."""


def java() -> str:
    """The path of a Java that can run the broker; BrokerMissing when there is none."""
    path = shutil.which("java")
    if path is None:
        raise BrokerMissing(f"Apache Kafka needs Java {JAVA_AT_LEAST} or newer and `java` is not installed.")
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found[1]) < JAVA_AT_LEAST:
        raise BrokerMissing(f"Apache Kafka needs Java {JAVA_AT_LEAST} or newer and `java` here is an older one.")
    return path


def class_path() -> str:
    """The broker's Java class path; fetches the jars when they are not in the cache yet (about 44 MB)."""
    return str(_jars() / "*")


def _jars() -> Path:
    folder = _cache() / f"kafka-{_version()}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers start together and would fetch the same jars
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerMissing("Apache Kafka is not in the cache and Maven (`mvn`), which fetches it, is not installed.")
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        jars = Path(unfinished, "jars")
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
        done = subprocess.run(
            [maven, "-q", "-B", "-f", str(POM), *goal], capture_output=True, text=True, check=False, cwd=unfinished
        )
        if done.returncode != 0:
            raise BrokerMissing(f"Maven could not fetch Apache Kafka {_version()}: {_first_line(done.stdout)}")
        jars.rename(folder)


def _first_line(output: str) -> str:
    return next((line for line in output.splitlines() if line.strip()), "it did not say why.")


def _version() -> str:
    found = re.search(r"<kafka\.version>(.+?)<", POM.read_text())
    assert found, "pom.xml names the version in <kafka.version>"
    return found[1]


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liaise"
