"""docker-compose.yml is valid, runs nothing as root, and opens no door but the three it means to."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = Path(sys.executable).with_name("docker-compose")
FILES = ["-f", "docker-compose.yml"]
CHECK_FILES = [*FILES, "-f", "deploy/compose-check.override.yaml"]
KEY = "k" * 40
OWN_ENVIRONMENT = {
    "PORT",
    "OPS_PORT",
    "WEB_WORKERS",
    "WEB_THREADS",
    "MAIL_LISTEN",
    "LMTP_LISTEN",
    "IMAP_URLS",
    "IMAP_POLL_SECONDS",
}


def compose(*arguments: str, secret_key: str = KEY) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "SECRET_KEY": secret_key}
    command = [str(COMPOSE), "--env-file", os.devnull, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def read(files: list[str]) -> dict[str, Any]:
    done = compose(*files, "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


MODEL = read(FILES)
SERVICES: dict[str, dict[str, Any]] = MODEL["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "liaise"}
JOBS = {name for name, service in SERVICES.items() if service.get("restart") == "no"}


@pytest.mark.parametrize("files", [FILES, CHECK_FILES], ids=["compose", "with stand-ins"])
def test_it_is_valid(files: list[str]) -> None:
    done = compose(*files, "config", "-q")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_secret_key_it_refuses_and_says_how_to_make_one() -> None:
    done = compose(*FILES, "config", "-q", secret_key="")
    assert done.returncode != 0
    assert "set SECRET_KEY in .env" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root_or_may_become_it(name: str) -> None:
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert min(int(user), int(group)) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add"} & set(service)


@pytest.mark.parametrize("name", SERVICES)
def test_file_systems_are_read_only(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert all(mount["read_only"] for mount in service.get("volumes", []) if mount["type"] == "bind")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - JOBS))
def test_what_runs_on_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert not check.get("disable")
    assert "test" in check or name in OURS  # the image brings the question, compose the rhythm


def test_jobs_run_once_and_are_waited_for() -> None:
    assert sorted(JOBS) == ["migrate", "mongo-init", "topics"]
    for job in JOBS:
        waiting = [service["depends_on"][job] for service in SERVICES.values() if job in service.get("depends_on", {})]
        assert {each["condition"] for each in waiting} == {"service_completed_successfully"}


def test_only_three_doors_are_open_and_only_to_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert {name: [port["target"] for port in opened] for name, opened in ports.items()} == {
        "gateway": [8080],
        "mail": [2525],
        "mailpit": [8025],
    }
    assert {port["host_ip"] for opened in ports.values() for port in opened} == {"127.0.0.1"}


def test_broker_and_database_have_no_way_out() -> None:
    assert MODEL["networks"]["inside"]["internal"] is True
    assert {tuple(SERVICES[name]["networks"]) for name in ("kafka", "mongo")} == {("inside",)}


def test_every_role_has_the_same_settings() -> None:
    shared = {
        name: {key: value for key, value in service["environment"].items() if key not in OWN_ENVIRONMENT}
        for name, service in OURS.items()
    }
    assert all(settings == shared["migrate"] for settings in shared.values())


def test_the_stand_ins_change_the_database_and_nothing_else() -> None:
    checked = read(CHECK_FILES)["services"]
    changed = {name for name in SERVICES if without_database_uri(checked[name]) != without_database_uri(SERVICES[name])}
    assert changed == {"mongo", "mongo-init"}
    uris = {checked[name]["environment"]["MONGODB_URI"] for name in set(OURS) - {"topics"}}
    assert uris == {"mongodb://mongo:27017/?retryWrites=false"}


def without_database_uri(service: dict[str, Any]) -> dict[str, Any]:
    environment = {key: value for key, value in service.get("environment", {}).items() if key != "MONGODB_URI"}
    return {**service, "environment": environment}


def test_images_are_pinned_and_the_broker_is_the_one_the_tests_run() -> None:
    images = {service["image"] for service in SERVICES.values()} - {"liaise"}
    assert all(re.search(r":v?\d", image) for image in images)
    tested = re.search(r"<kafka\.version>(.+?)<", (ROOT / "tests/kafka/pom.xml").read_text())
    assert tested
    assert f"apache/kafka:{tested[1]}" in images
