"""A process that keeps so many connections busy with submissions for so many seconds, and costs the machine little.

`python -m tests.load.driver PORT CLIENTS SECONDS` prints a JSON object: requests, errors, seconds, p50 and p99 (ms).
"""

import json
import os
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
HEAD = (
    b"POST /v1/feedback HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nIdempotency-Key: %s\r\n\r\n"
)
BODY = (
    b'{"unit": "it", "kind": "complaint", "language": "de", "rating": 2, '
    b'"text": "The printer on the third floor is broken again, and nobody knows whom to call. Ticket %s.", '
    b'"submitter": {"name": "Amara Okafor", "email": "amara.%s@example.com"}}'
)


@dataclass(slots=True)
class Client:
    """One connection with the answer it waits for."""

    connection: socket.socket
    sent_at: float = 0.0
    received: bytes = b""

    def send(self) -> None:
        """Send a submission that nobody has sent before."""
        unique = os.urandom(16).hex().encode()
        body = BODY % (unique, unique)
        self.received, self.sent_at = b"", time.perf_counter()
        self.connection.sendall(HEAD % (len(body), unique) + body)

    def receive(self) -> bytes | None:
        """The status of the answer, once it is whole."""
        chunk = self.connection.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.received += chunk
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        return head[9:12] if end and length and len(body) >= int(length[1]) else None


def drive(port: int, clients: int, seconds: float) -> dict[str, float]:
    """Keep every client busy; what is under way at the end is not counted."""
    selector = selectors.DefaultSelector()
    for _ in range(clients):
        client = Client(socket.create_connection(("127.0.0.1", port)))
        client.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client.connection, selectors.EVENT_READ, client)
        client.send()
    start = time.perf_counter()
    took, errors = [], 0
    while (now := time.perf_counter()) - start < seconds:
        for key, _ in selector.select(timeout=seconds):
            status = key.data.receive()
            if status is not None:
                took.append(now - key.data.sent_at)
                errors += status != b"201"
                key.data.send()
    took.sort()
    p50, p99 = (round(took[int(len(took) * share)] * 1000, 1) for share in (0.5, 0.99))
    return {"requests": len(took), "errors": errors, "seconds": now - start, "p50": p50, "p99": p99}


if __name__ == "__main__":
    print(json.dumps(drive(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
