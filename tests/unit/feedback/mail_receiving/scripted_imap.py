"""An IMAP server that answers FETCH as the test says, as damaged and odd servers do; it knows neither IDLE nor MOVE."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread


def literal(content: bytes) -> bytes:
    return b"{%d}\r\n%s" % (len(content), content)


@dataclass
class Script:
    """`bodies` are UIDs and what stands behind BODY[]; or None, for a mail the server has lost; or b"", to hang up."""

    bodies: dict[int, bytes | None]
    damaged: bytes = b"NO [SERVERBUG] Internal error"
    port: int = 0
    seen: list[int] = field(default_factory=list)
    fetched: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"imap://it:secret@127.0.0.1:{self.port}/INBOX?unit=it"

    def answers(self, command: str, rest: str) -> tuple[list[bytes], bytes]:
        """What is said before the last line, and the last line without its tag."""
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"], b"OK"
        if command in ("SELECT", "EXAMINE"):
            return [b"* %d EXISTS" % len(self.bodies)], b"OK [READ-WRITE]"
        if command != "UID":
            return [], b"OK"
        verb, _, rest = rest.partition(" ")
        if verb == "SEARCH":
            return [b"* SEARCH " + b" ".join(b"%d" % uid for uid in self.bodies if uid not in self.seen)], b"OK"
        uid = int(rest.split(" ")[0])
        if verb == "STORE":
            self.seen.append(uid)
            return [], b"OK"
        return self._fetch(uid, rest)

    def _fetch(self, uid: int, rest: str) -> tuple[list[bytes], bytes]:
        body = self.bodies[uid]
        if "SIZE" in rest:
            said = [b"* 7 FETCH (FLAGS (\\Answered))", b"* %d FETCH (UID %d RFC822.SIZE 9)" % (uid, uid)]
            return said, b"OK"
        self.fetched.append(uid)
        if body is None:
            return [], self.damaged
        if not body:
            raise ConnectionAbortedError
        return [b"* %d FETCH (UID %d BODY[] %s)" % (uid, uid, body)], b"OK"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script: Script = self.server.script  # type: ignore[attr-defined]
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            command, _, rest = rest.partition(" ")
            try:
                said, end = script.answers(command.upper(), rest)
            except ConnectionAbortedError:
                return
            self.wfile.write(b"".join(one + b"\r\n" for one in said) + tag.encode() + b" " + end + b" done\r\n")
            if command.upper() == "LOGOUT":
                return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def scripted(script: Script) -> Iterator[Script]:
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.script = script  # type: ignore[attr-defined]
        script.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
