"""The command line: `liaise`, or `python -m services`."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask

from . import administration, checkup, demo, embedded, openapi, roles
from .announcing import lines as announced
from .chassis import failpoints, identity, logs
from .chassis import settings as configuration
from .chassis.eventlog import topic_specs
from .chassis.process import open_process
from .chassis.settings import BadSetting, Secret, Settings
from .chassis.worker import Loop
from .commands import plain, running
from .feedback import app as feedback
from .feedback.mail.inspect import inspect
from .notify import app as notify
from .triage import app as triage

GUNICORN_FILE = Path(__file__).parents[1] / "deploy" / "gunicorn.conf.py"
NOWHERE = Secret("mongodb://127.0.0.1:1/")

service_name = click.argument("name", type=click.Choice(sorted(embedded.SERVICES)))


def wsgi(name: str) -> Flask:
    """The web app of one service, for gunicorn; called in the worker, after the fork."""
    settings = configuration.load()
    logs.configure(settings.log_level)
    return embedded.SERVICES[name].create_app(open_process(settings))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Liaise: feedback that gets an answer."""


@main.command()
@plain
def run(settings: Settings) -> None:
    """Everything in one process, on the embedded default."""
    embedded.run(settings, lambda settings: click.echo("\n".join(announced(settings))))


@main.command()
@service_name
def web(name: str) -> None:
    """The pages and API of one service, under gunicorn."""
    target = f"services.__main__:wsgi('{name}')"
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    os.execv(gunicorn, [gunicorn, "--config", str(GUNICORN_FILE), target])  # noqa: S606


@main.command()
@service_name
@plain
def relay(settings: Settings, name: str) -> None:
    """Publish one service's pending events."""
    process = open_process(settings)
    part = embedded.SERVICES[name].create_relay(process)
    if part is None:
        raise BadSetting(f"{name} says nothing yet; it has no relay.")
    roles.run_loops(process, [Loop(f"relay {name}", part.run_once, part.close)])


@main.command()
@service_name
@plain
def consume(settings: Settings, name: str) -> None:
    """Handle what one service hears."""
    process = open_process(settings)
    part = embedded.SERVICES[name].create_consumer(process)
    chores = feedback.chores(process) if name == feedback.NAME else []
    roles.run_loops(process, [Loop(f"consume {name}", part.run_once, part.close), *chores])


@main.command()
@plain
def deliver(settings: Settings) -> None:
    """Send the notifications that are due."""
    process = open_process(settings)
    part = notify.create_delivery(process)
    roles.run_loops(process, [Loop("deliver", part.run_once, part.close)])


@main.group(invoke_without_command=True)
@click.pass_context
def mail(context: click.Context) -> None:
    """Receive mail by SMTP; `mail inspect` shows what it makes of mails in files."""
    if context.invoked_subcommand is None:
        receive()


@mail.command(name="inspect")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER...", type=click.Path(path_type=Path))
def mail_inspect(paths: tuple[Path, ...]) -> None:
    """Print what intake makes of each mail, a line of JSON each; nothing is stored."""
    try:
        settings = configuration.load(stores=False)
    except BadSetting as error:
        raise click.ClickException(str(error)) from None
    for line in inspect(paths, settings):
        click.echo(line.encode("utf-8", "replace"))  # whatever the terminal's encoding, JSON is UTF-8


@plain
def receive(settings: Settings) -> None:
    """Receive mail until told to stop."""
    process = open_process(settings)
    roles.run_receiver(process, feedback.create_mail(process))


@main.command()
@plain
def migrate(settings: Settings) -> None:
    """Bring indexes and seeds up to date; safe to repeat."""
    process = running(settings)
    for service in embedded.SERVICES.values():
        service.migrate(process)
    click.echo("The databases are up to date.")


@main.command()
@plain
def topics(settings: Settings) -> None:
    """Create the topics that are missing; safe to repeat."""
    process = open_process(replace(settings, mongodb_uri=settings.mongodb_uri or NOWHERE))
    made = process.log.create_topics(topic_specs(embedded.TOPICS_FILE))
    click.echo(f"Created: {', '.join(made)}." if made else "All topics are there.")


@main.command()
@plain
def doctor(settings: Settings) -> None:
    """Check every part and say in plain sentences how it is."""
    findings = list(checkup.checkup(settings, lambda: running(settings)))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.well else 'FAIL'} {finding.sentence}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


@main.command(name="openapi")
@click.argument("name", required=False, type=click.Choice(sorted(embedded.SERVICES)))
@plain
def openapi_command(settings: Settings, name: str | None) -> None:
    """Print the OpenAPI document of one service, or of all."""
    process = open_process(replace(settings, mongodb_uri=NOWHERE))
    spec = openapi.document(process, name) if name else openapi.merged(process)
    click.echo(json.dumps(spec, indent=1, sort_keys=True))


@main.command(name="demo")
@plain
def demo_command(settings: Settings) -> None:
    """Fill a running trial with a few plausible feedbacks, through its own doors."""
    account = triage.find_account(running(settings), "ada@example.com")
    token = identity.issue_token(settings.secret_key.reveal(), account)
    for line in demo.play(settings.public_url, token):
        click.echo(line)


@main.command(name="failpoints", hidden=True)
def failpoints_command() -> None:
    """List the points at which a test may kill a process."""
    click.echo("\n".join(sorted(failpoints.NAMES)))


for group in (administration.account, administration.token, administration.client, administration.import_command):
    main.add_command(group)


if __name__ == "__main__":
    main(prog_name="liaise")
