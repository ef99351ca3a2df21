"""Commands for whoever runs an install: accounts, staff tokens, client keys, feedback from before."""

from dataclasses import replace
from pathlib import Path

import click

from .chassis import identity
from .chassis.settings import Settings
from .commands import plain, running
from .feedback import app as feedback
from .feedback.domain.client import CLIENT_SCOPES
from .feedback.handlers import clients
from .feedback.handlers.importing import ImportRow, Tally, import_row
from .feedback.schemas.table import Unreadable, read_table
from .triage import app as triage


@click.group()
def account() -> None:
    """People who work here."""


@account.command(name="add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(identity.ROLES), default=identity.LIAISON, show_default=True)
@click.password_option(help="Asked for when left out.")
@plain
def account_add(settings: Settings, email: str, name: str, role: str, password: str) -> None:
    """Add a person who can sign in."""
    triage.add_account(running(settings), email=email, name=name, role=role, password=password)
    click.echo(f"{name} can sign in as {email} at {settings.public_url}/sign-in.")


@click.group()
def token() -> None:
    """Bearer tokens for the API."""


@token.command(name="create")
@click.argument("account_email", metavar="ACCOUNT")
@click.option("--scope", multiple=True, type=click.Choice(identity.SCOPES), help="Repeatable; all when left out.")
@plain
def token_create(settings: Settings, account_email: str, scope: tuple[str, ...]) -> None:
    """Print a bearer token for an account, good for a year."""
    found = triage.find_account(running(settings), account_email)
    click.echo(identity.issue_token(settings.secret_key.reveal(), replace(found, scopes=scope or identity.SCOPES)))


@click.group()
def client() -> None:
    """Keys with which programs send feedback."""


@client.command(name="add")
@click.argument("name")
@click.option("--scope", multiple=True, type=click.Choice(CLIENT_SCOPES), help="Repeatable; all when left out.")
@click.option("--per-minute", default=clients.PER_MINUTE, show_default=True, help="Requests; 0 is no limit.")
@plain
def client_add(settings: Settings, name: str, scope: tuple[str, ...], per_minute: int) -> None:
    """Print a new key; it is shown this once."""
    command = clients.AddClient(name=name, scopes=scope or CLIENT_SCOPES, per_minute=per_minute)
    process = running(settings)
    click.echo(clients.add_client(command, feedback.stores_of(process).clients, process.clock.now())[1])


@client.command(name="list")
@plain
def client_list(settings: Settings) -> None:
    """Show every client with its id, limit and scopes."""
    for known in feedback.stores_of(running(settings)).clients.all():
        state = "revoked" if known.revoked_at else f"{known.per_minute or 'no limit'} a minute"
        click.echo(f"{known.id}  {state:14}  {', '.join(known.scopes):15}  {known.name}")


@client.command(name="revoke")
@click.argument("client_id")
@plain
def client_revoke(settings: Settings, client_id: str) -> None:
    """End a key for good; what it sent stays."""
    process = running(settings)
    revoked = clients.revoke_client(client_id, feedback.stores_of(process).clients, process.clock.now())
    click.echo(f"The key of {revoked.name} opens nothing any more.")


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and import nothing.")
@plain
def import_command(settings: Settings, file: Path, dry_run: bool) -> None:
    """Take over feedback from a CSV file; /intake/import says what its columns are. A second run adds nothing."""
    process = running(settings)
    stores, secret = feedback.stores_of(process), settings.secret_key.reveal()
    try:
        table = read_table(file.read_bytes(), stores.units.current(), settings.time_zone, process.clock.now())
    except Unreadable as error:
        raise click.ClickException(str(error)) from None
    for row in table.rows:
        for column, sentence in row.problems.items():
            click.echo(f"line {row.line}, {column}: {sentence}", err=True)
    if dry_run:
        click.echo(f"{table.good} of {len(table.rows)} rows can be imported. Nothing was.")
        return
    tally = Tally()
    with click.progressbar([row for row in table.rows if row.said], label=file.name) as rows:
        for row in rows:
            if row.said:
                tally += import_row(ImportRow(row.key, row.said), stores, secret, process.clock.now())
    click.echo(f"{tally.added} new, {tally.known} here already, {tally.changed} here with other contents.")
