"""Everything that receives mail, as one thing to start and stop: SMTP, LMTP where it is set, and the mailboxes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.utils import parseaddr

from ...chassis.clock import Clock
from ...chassis.settings import Settings
from ...chassis.worker import Loop, Runner
from ..store import Stores
from ..store.mails import watch_quarantine
from .collecting import Collector
from .parsing import Ours, Parser
from .server import Receiver, by_lmtp, by_smtp
from .taking import Taker


class Receiving:
    """All doors for mail of one process."""

    def __init__(self, settings: Settings, clock: Clock, stores: Stores) -> None:
        self._parser = Parser(ours(settings))
        self._stores = stores
        taker = Taker(settings, clock, stores, self._parser.read)
        receiver = Receiver(taker)
        self._listeners = [by_smtp(receiver, (settings.mail_host, settings.mail_port))]
        if settings.lmtp_listen:
            self._listeners.append(by_lmtp(receiver, settings.lmtp_listen))
        self.collectors = [Collector(mailbox, taker, settings.imap_poll_seconds) for mailbox in settings.mailboxes]
        self._runner = Runner(
            [Loop(f"mailbox {number}", one.run, one.close) for number, one in enumerate(self.collectors, 1)]
        )

    def start(self) -> None:
        """Take mail from now on."""
        watch_quarantine(self._stores.quarantine)
        for listener in self._listeners:
            listener.start()
        self._runner.start()

    def stop(self) -> None:
        """Take no more; what is under way comes again."""
        for collector in self.collectors:
            collector.stop()
        for listener in self._listeners:
            listener.stop(no_assert=True)
        self._runner.drain()
        self._parser.close()


def ours(settings: Settings) -> Ours:
    """What parsing has to know of this install."""
    return Ours(address=parseaddr(settings.mail_from)[1], authserv_id=settings.mail_authserv_id)


@contextmanager
def taking_once(settings: Settings, clock: Clock, stores: Stores) -> Iterator[Taker]:
    """Takes a mail or two, for a process that receives none otherwise."""
    with closing(Parser(ours(settings), children=1)) as parser:
        yield Taker(settings, clock, stores, parser.read)
