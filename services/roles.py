"""One process per role, as production runs them: a relay, a consumer, the delivery, the mail receiver."""

from collections.abc import Callable
from typing import Any

from .chassis.http import operations_app
from .chassis.process import Process
from .chassis.serving import Server, require_listening
from .chassis.worker import Loop, Runner, catch_signals


def run_loops(process: Process, loops: list[Loop]) -> None:
    """Run loops until SIGTERM or SIGINT, with health and metrics on OPS_PORT."""
    runner = Runner(loops)
    with_operations(process, runner.check, runner.run)


def run_receiver(process: Process, receiver: Any) -> None:
    """Run something with `start` and `stop` until SIGTERM or SIGINT, with health and metrics on OPS_PORT."""
    wait, settings = catch_signals(), process.settings
    receiver.start()
    try:
        with_operations(process, lambda: require_listening(settings.mail_host, settings.mail_port), wait)
    finally:
        receiver.stop()


def with_operations(process: Process, check: Callable[[], None], run: Callable[[], object]) -> None:
    """Serve /health and /metrics beside `run`."""
    app = operations_app({"database": process.ping, "loops": check})
    server = Server(app.wsgi_app, process.settings.host, process.settings.ops_port, threads=2)
    server.start()
    try:
        run()
    finally:
        server.stop()
