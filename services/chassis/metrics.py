"""What every process counts. Labels name rooms and outcomes, never people or things they wrote."""

from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest, multiprocess
from prometheus_client.values import ValueClass

PUBLISHED = Counter("liaise_events_published_total", "Events appended to the log", ["topic"])
PARKED = Counter("liaise_events_parked_total", "Documents whose event no log would take", ["collection"])
HANDLED = Counter("liaise_events_handled_total", "Records by outcome", ["group", "topic", "outcome"])
LOOP_FAILURES = Counter("liaise_loop_failures_total", "Rounds of a loop that failed", ["loop", "error"])
LOOP_UP = Gauge("liaise_loop_up", "1 while the loop's last round succeeded", ["loop"], multiprocess_mode="livemin")


def exposition() -> bytes:
    """All metrics in the Prometheus text format, of every worker of this process's server."""
    if ValueClass.__name__ == "MmapedValue":
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(OWN)
