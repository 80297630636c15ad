"""What tests of one part of the OpenSearch engine need: an index in the cluster, and requests to it."""

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
