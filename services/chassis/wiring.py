"""Gives each handler the collaborators it names; all of a service's wiring happens in its app.py."""

from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any

from ..contracts.envelope import Envelope
from ..contracts.registry import Event
from .clock import Clock
from .consumer import Handlers

Handler = Callable[..., None]


def bind(handlers: Mapping[type[Event], Handler], clock: Clock, **collaborators: Any) -> Handlers:
    """Handlers of an envelope alone; a parameter called `now` gets the time of each call."""
    return {event: _bound(handler, clock, collaborators) for event, handler in handlers.items()}


def _bound(handler: Handler, clock: Clock, collaborators: Mapping[str, Any]) -> Callable[[Envelope[Any]], None]:
    names = list(signature(handler).parameters)[1:]
    ready = partial(handler, **{name: collaborators[name] for name in names if name != "now"})
    if "now" not in names:
        return ready
    return lambda envelope: ready(envelope, now=clock.now())
