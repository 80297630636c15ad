"""Fixtures for tests of parts of the OpenSearch engine: the kind of engine, and a client of the cluster."""

from __future__ import annotations

import pytest

from search.engines.opensearch.client import Client
from search.settings import Settings


@pytest.fixture(scope="session")
def kind() -> str:
    return "opensearch"


@pytest.fixture
def client(url: str) -> Client:
    return Client(url, Settings())


def indexes(client: Client) -> list[str]:
    name = client.address.name
    return sorted(one.removeprefix(name) for one in client.ask("GET", f"/{name}*/_alias", expand_wildcards="all"))
