"""Runs the whole engine contract on OpenSearch; see docs/engines.md."""

import pytest
from support.contract_articles import *  # noqa: F403
from support.contract_random import *  # noqa: F403
from support.contract_search import *  # noqa: F403
from support.contract_swaps import *  # noqa: F403
from support.contract_writing import *  # noqa: F403

pytestmark = pytest.mark.opensearch


@pytest.fixture(scope="session")
def kind() -> str:
    return "opensearch"
