"""The service's own stores on a real database."""

import pytest
from flask.testing import FlaskClient

from services.chassis.identity import ADMIN, LIAISON, Identity, issue_token
from services.chassis.process import Process
from services.insights import app as insights
from services.insights.store import JourneyStore, UnitStore
from tests.unit.insights import histories

ADA = Identity("ada", "Ada Okafor", ADMIN)
INES = Identity("ines", "Ines Marchetti", LIAISON, ("it",))


@pytest.fixture
def journeys(process: Process) -> JourneyStore:
    insights.migrate(process)
    return JourneyStore(process.store("insights"))


@pytest.fixture
def units(process: Process, journeys: JourneyStore) -> UnitStore:
    """Three units are known."""
    units = UnitStore(process.store("insights"))
    histories.tell(histories.units(), journeys, units)
    return units


class Desk:
    """The service's web process with somebody in front of it."""

    def __init__(self, process: Process) -> None:
        self.app = insights.create_app(process)
        self._secret = process.settings.secret_key.reveal()

    def browser(self, identity: Identity | None) -> FlaskClient:
        """A browser with this person's session."""
        client = self.app.test_client()
        if identity is not None:
            with client.session_transaction() as session:
                session["identity"] = {
                    "account": identity.account,
                    "name": identity.name,
                    "role": identity.role,
                    "units": identity.units,
                    "scopes": identity.scopes,
                }
        return client

    def bearer(self, identity: Identity) -> dict[str, str]:
        """The header of a program with this person's token."""
        return {"Authorization": f"Bearer {issue_token(self._secret, identity)}"}


@pytest.fixture
def desk(process: Process, units: UnitStore) -> Desk:
    return Desk(process)
