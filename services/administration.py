"""Commands about people and programs: accounts, staff tokens, client keys."""

from dataclasses import replace

import click

from .chassis import identity
from .chassis.settings import Settings
from .commands import plain, running
from .feedback import app as feedback
from .feedback.domain.client import CLIENT_SCOPES
from .feedback.handlers import clients
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
    click.echo(clients.add_client(command, feedback.clients_of(process), process.clock.now())[1])


@client.command(name="list")
@plain
def client_list(settings: Settings) -> None:
    """Show every client with its id, limit and scopes."""
    for known in feedback.clients_of(running(settings)).all():
        state = "revoked" if known.revoked_at else f"{known.per_minute or 'no limit'} a minute"
        click.echo(f"{known.id}  {state:14}  {', '.join(known.scopes):15}  {known.name}")


@client.command(name="revoke")
@click.argument("client_id")
@plain
def client_revoke(settings: Settings, client_id: str) -> None:
    """End a key for good; what it sent stays."""
    process = running(settings)
    revoked = clients.revoke_client(client_id, feedback.clients_of(process), process.clock.now())
    click.echo(f"The key of {revoked.name} opens nothing any more.")
