"""Serves a WSGI app from a thread of this process: the embedded default's one port, and every worker's health port."""

import resource
import socket
from threading import Thread
from wsgiref.types import WSGIApplication

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from . import bodies
from .settings import MAX_BODY, BadSetting

THREADS = 16
LOOK_SECONDS = 2.0
CONNECTIONS_MOST = 1_000
"""Open at once; a hundred that never end their request would otherwise be enough to keep everybody out."""
SILENT_SECONDS = 30
"""For how long a connection may say nothing and have nothing to be answered."""
CLEANUP_SECONDS = 5


def require_free(host: str, port: int, setting: str) -> None:
    """Raise BadSetting, naming the setting, when this address cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = f"{port + 1}" if setting == "PORT" else f"{host}:{port + 1}"
            why = f"{host}:{port} cannot be used ({error.strerror}). Choose another, for example {setting}={other}."
            raise BadSetting(why) from None


def connections_most() -> int:
    """How many connections one server may hold; each may need a file for its body too, and the rest needs some."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS_MOST if files == resource.RLIM_INFINITY else max(100, min(CONNECTIONS_MOST, files // 4))


def require_listening(host: str, port: int) -> None:
    """Raise OSError when nobody listens there."""
    socket.create_connection((host, port), timeout=LOOK_SECONDS).close()


class _Refusal(ErrorTask):  # type: ignore[misc]
    """What is refused before the app is asked: a body that is too large gets the same forms of answer as in the app."""

    def execute(self) -> None:
        """Answer, and close."""
        if self.request.error.code != bodies.TOO_LARGE:
            return super().execute()  # type: ignore[no-any-return]
        content_type, body = bodies.too_large(getattr(self.request, "path", ""))
        self.status = self.request.error.to_response("")[0]
        self.response_headers.append(("Content-Type", content_type))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
        return None


class _Channel(HTTPChannel):  # type: ignore[misc]
    error_task_class = _Refusal


class Server:
    """A running HTTP server; `port` 0 chooses a free one, `max_body` is the most bytes that any view takes."""

    def __init__(
        self, app: WSGIApplication, host: str, port: int, threads: int = THREADS, max_body: int = MAX_BODY
    ) -> None:
        self._server = create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            ident="liaise",
            clear_untrusted_proxy_headers=True,
            max_request_body_size=max_body + 1,  # it refuses what is as large
            connection_limit=connections_most(),
            channel_timeout=SILENT_SECONDS,
            cleanup_interval=CLEANUP_SECONDS,
            asyncore_use_poll=True,  # select() fails from the file descriptor 1,024 on
        )
        self._server.channel_class = _Channel
        self.port = int(self._server.effective_port)
        self._thread = Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; requests under way end with the process."""
        self._server.close()
