"""The Dockerfiles are clean, and the files that operators read name everything that the code reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from services.contracts import topics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE_ONLY = {"GATEWAY_PORT", "MAIL_PORT", "MAILPIT_PORT"}
CONSUMER_GROUPS = ("feedback", "triage", "notify", "insights")


@pytest.mark.parametrize("dockerfile", ["deploy/Dockerfile", "deploy/stand-ins/Dockerfile"])
def test_dockerfiles_are_clean(dockerfile: str) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, ROOT / dockerfile], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_takes_in_no_secret_and_no_data() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == {
        "pyproject.toml",
        "requirements.lock",
        "README.md",
        "LICENSE",
        "services",
        "deploy",
    }


def test_env_example_names_every_setting_and_no_other() -> None:
    named = re.findall(r"^#([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(named) - COMPOSE_ONLY == settings_read()


def settings_read() -> set[str]:
    by_services = re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "services/chassis/settings.py").read_text())
    by_gunicorn = re.findall(r"environ\.get\(\"([A-Z_]+)\"", (DEPLOY / "gunicorn.conf.py").read_text())
    return {*by_services, *by_gunicorn}


def test_every_setting_is_explained() -> None:
    paragraphs = (DEPLOY / "env.example").read_text().split("\n\n")
    for paragraph in paragraphs:
        lines = [line for line in paragraph.splitlines() if not line.startswith("# ----")]
        if any(re.match(r"#[A-Z_]+=", line) for line in lines):
            assert lines[0].startswith("# "), paragraph


def test_topics_are_those_of_the_contracts_and_one_dead_letter_topic_per_group() -> None:
    made = yaml.safe_load((DEPLOY / "topics.yaml").read_text())
    assert set(made) == {*topics.ALL, *map(topics.dead_letter_topic, CONSUMER_GROUPS)}
    assert {made[name]["partitions"] for name in topics.ALL} == {6}
    assert all(set(spec) == {"partitions", "retention_hours"} for spec in made.values())
