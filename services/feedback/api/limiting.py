"""How much one client may ask of the API in a minute."""

from flask import request
from flask_smorest import Blueprint

from ...chassis.clock import Clock
from ...chassis.identity import bearer, current
from ...chassis.settings import Settings
from ..handlers.clients import client_of
from ..store import ClientStore
from ..throttle import Throttle, network


def limiting(api: Blueprint, clients: ClientStore, clock: Clock, settings: Settings) -> None:
    """Before each operation; staff are never limited, so that no flood keeps a liaison out."""
    throttle = Throttle(clock)

    @api.before_request
    def limit() -> None:
        token = bearer()
        client = client_of(token, clients) if token else None
        if client:
            throttle.count(f"client {client.id}", client.per_minute)
        elif (address := network(request.remote_addr)) and current() is None:
            throttle.count(f"address {address}", settings.public_per_minute)
