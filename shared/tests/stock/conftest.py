"""What runs a service of either kind: of stock Nameko's messaging, or of ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from nameko.containers import ServiceContainer
from pymongo.database import Database

Started = Callable[[Any, dict[str, Any]], AbstractContextManager[ServiceContainer]]


@pytest.fixture
def config(database: Database[Any], mongo_uri: str, amqp_uri: str) -> dict[str, Any]:
    """Return settings for both kinds."""
    return {
        "AMQP_URI": amqp_uri,
        "amqp_uri": amqp_uri,
        "mongo_uri": mongo_uri,
        "database": database.name,
        "max_workers": 10,
    }


@pytest.fixture
def config_through_proxy(config: dict[str, Any], proxy: Any) -> dict[str, Any]:
    """Return settings of a service whose connections ``proxy`` can end."""
    return {**config, "AMQP_URI": proxy.uri, "amqp_uri": proxy.uri}


@pytest.fixture
def started() -> Started:
    """Return what runs a service for the length of a ``with``."""

    @contextmanager
    def run(service: Any, config: dict[str, Any]) -> Iterator[ServiceContainer]:
        container = ServiceContainer(service, config)
        container.start()
        try:
            yield container
        finally:
            if service.name.startswith("stock"):
                container.kill()  # which, unlike stop, waits for no call that hangs
            else:
                container.stop()

    return run
