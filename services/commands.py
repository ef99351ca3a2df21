"""What the commands of the command line share: settings, the running install, and failures in one sentence."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import click

from .chassis import logs
from .chassis import settings as configuration
from .chassis.embedded_store import attached
from .chassis.errors import Conflict, Invalid, NotFound, Unavailable
from .chassis.eventlog import LogUnavailable
from .chassis.process import Process, open_process
from .chassis.settings import BadSetting, Settings


def plain(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its settings, and turn a known failure into one sentence and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            settings = configuration.load()
            logs.configure(settings.log_level)
            return command(settings, *args, **kwargs)
        except (BadSetting, LogUnavailable, Conflict, Invalid, NotFound, Unavailable) as error:
            raise click.ClickException(str(error)) from None

    return run


def running(settings: Settings) -> Process:
    """The parts of an install: the configured database, or the embedded one that runs over the data folder."""
    uri = settings.mongodb_uri or attached(settings)
    if uri is None:
        raise BadSetting("Liaise is not running here and MONGODB_URI is not set. Start it with `make run` first.")
    return open_process(replace(settings, mongodb_uri=uri))
