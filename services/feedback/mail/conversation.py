"""One conversation by SMTP (RFC 5321) or LMTP (RFC 2033), in bounds: size, memory, time, connections."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

SIZE: Final = 25_000_000
BLOCK: Final = 65_536
"""Bytes that are waited for at once; a line may be longer, since real programs send them."""
HELD_MOST: Final = 200_000_000
"""Bytes of mails that are under way in all conversations of a listener."""
IDLE_SECONDS: Final = 120.0
DATA_SECONDS: Final = 900.0
"""For how long one mail may arrive."""
AT_ONCE: Final = 200
AT_ONCE_PER_HOST: Final = 50
RECIPIENTS_MOST: Final = 100

TOO_LARGE: Final = f"552 5.3.4 This mail is larger than {SIZE // 1_000_000} MB; please send its files another way"
TOO_MUCH_AT_ONCE: Final = "452 4.3.1 Too much is arriving at once; please try again later"
TOO_MANY_RECIPIENTS: Final = "452 4.5.3 Too many recipients"
TURNED_AWAY: Final = b"421 4.3.2 Too many connections; please try again later\r\n"


@dataclass(slots=True)
class Load:
    """What one listener carries now; only its own thread touches it."""

    connections: Counter[str] = field(default_factory=Counter)
    bytes_held: int = 0

    def has_room(self, host: str) -> bool:
        """Whether one more conversation with this host may begin."""
        return self.connections.total() < AT_ONCE and self.connections[host] < AT_ONCE_PER_HOST


class Conversation(SMTP):
    """aiosmtpd, with a mail of any form in bounded memory: its own keeps a line that never ends."""

    line_length_limit = BLOCK  # of what the stream reader waits for, not of a line

    def __init__(self, handler: Any, load: Load, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            handler,
            hostname="liaise",
            ident="Liaise",
            data_size_limit=SIZE,
            enable_SMTPUTF8=True,
            timeout=IDLE_SECONDS,
            loop=loop,
        )
        self._load = load
        self._host: str | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin, or turn away whom there is no room for."""
        host = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._load.has_room(host):
            transport.write(TURNED_AWAY)
            transport.close()
            return
        self._host = host
        self._load.connections[host] += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room again."""
        if self._host is not None:
            self._load.connections[self._host] -= 1
            self._load.connections += Counter()  # forgets hosts that are gone
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Whoever was turned away has nothing to end."""
        return None if self._host is None else super().eof_received()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Take the mail to its end, then answer; what is too large is read on and dropped."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        assert envelope is not None
        if not envelope.rcpt_tos or arg:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = bytearray()
        try:
            answer = await self._fill(content)
            if answer is None:
                envelope.original_content = bytes(content)
                answer = await self.event_handler.handle_DATA(self, self.session, envelope)
        finally:
            self._load.bytes_held -= len(content)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(self.to_each(answer, len(envelope.rcpt_tos)))

    def to_each(self, answer: str, recipients: int) -> str:
        """SMTP answers once for all recipients."""
        return answer

    async def _fill(self, content: bytearray) -> str | None:
        """Read up to the line with the dot; the refusal when the mail is not kept."""
        refusal: str | None = None
        until = self.loop.time() + DATA_SECONDS
        begins = True
        while True:
            block, ends = await self._block()
            if begins and block == b".\r\n":
                return refusal
            if self.loop.time() < until:
                self._reset_timeout()
            block = block[1:] if begins and block.startswith(b".") else block
            begins = ends
            if refusal is None and (refusal := self._no_room(len(content) + len(block), len(block))):
                self._load.bytes_held -= len(content)
                content.clear()
            elif refusal is None:
                content += block
                self._load.bytes_held += len(block)

    async def _block(self) -> tuple[bytes, bool]:
        """The next line, or a piece of one that is long; and whether it ends there."""
        try:
            return await self._reader.readuntil(b"\r\n"), True
        except asyncio.LimitOverrunError as error:
            return await self._reader.read(error.consumed), False

    def _no_room(self, size: int, more: int) -> str | None:
        if size > SIZE:
            return TOO_LARGE
        return TOO_MUCH_AT_ONCE if self._load.bytes_held + more > HELD_MOST else None


class LocalConversation(Conversation, LMTP):
    """The same by LMTP, which answers for each recipient."""

    def to_each(self, answer: str, recipients: int) -> str:
        """The mail is stored once; what became of it is the same for everybody it is for."""
        return "\r\n".join([answer] * recipients)
