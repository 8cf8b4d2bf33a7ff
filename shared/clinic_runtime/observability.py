"""Structured logs that carry ids and never names, and the metrics every process exports."""

import logging
import sys
from typing import Any

import structlog
from prometheus_client import Counter, Histogram

RPC_SECONDS = Histogram(
    "clinic_rpc_seconds", "Time to serve an operation", ["operation", "outcome"]
)
EVENTS_HANDLED = Counter("clinic_events_handled_total", "Deliveries", ["type", "outcome"])
EVENTS_RELAYED = Counter("clinic_events_relayed_total", "Events confirmed by the broker")


def configure_logging(service: str, level: str = "INFO") -> None:
    """Write one JSON object a line to standard error, for our logs and the libraries' alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                lambda _logger, _name, entry: {"service": service, **entry},
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("amqp", "pymongo", "nameko"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # A refusal is an answer, not an error; what is one, the responder logs.
    logging.getLogger("nameko.containers").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger whose lines carry the ids bound to the current work."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
