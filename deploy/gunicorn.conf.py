"""How `liaise web NAME` serves one web application: threads in a few forked workers, nothing secret in its logs."""

import logging
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # gunicorn makes its own unguessable file in it
_CLIENT = re.compile(r"\bip=\S+")
_LONGER_THAN_ONE_SEGMENT = re.compile(r"(?<=\s)(/[\w.-]*)[/?]\S*")


class _HidePaths(logging.Filter):
    """A tracking link is a secret: of any path only the first segment is logged, and of nobody the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = _CLIENT.sub("ip=...", record.getMessage())
        record.msg, record.args = _LONGER_THAN_ONE_SEGMENT.sub(r"\1/...", message), ()
        return True


class DiscreetLogger(Logger):
    """Gunicorn's error log without the addresses that people asked for."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_HidePaths())


def on_starting(server: Any) -> None:
    """Give the workers one fresh folder for metrics, before the first of them imports prometheus_client."""
    server.metrics_dir = tempfile.mkdtemp(prefix="liaise-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_dir


def post_worker_init(worker: Any) -> None:
    """Believe the gateway about who asks: nothing else reaches this port, and sign-in is limited by address."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    worker.wsgi = ProxyFix(worker.wsgi, x_for=1, x_proto=1, x_host=1)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that ended; its counters stay counted."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave no folder behind."""
    shutil.rmtree(server.metrics_dir, ignore_errors=True)


bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "16"))
worker_class = "gthread"
# Without it one worker sometimes takes every connection that is kept alive.
reuse_port = True
# The application is built in each worker: no database client crosses the fork.
preload_app = False
# On by default in gunicorn, in the home folder; nothing here uses it.
control_socket_disable = True
# A heartbeat file on a disk can block a worker; memory cannot.
worker_tmp_dir = str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else None

timeout = 30
graceful_timeout = 10
keepalive = 75
backlog = 1024
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info")
logger_class = DiscreetLogger
