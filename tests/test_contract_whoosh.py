"""Runs the whole engine contract on Whoosh; see docs/engines.md."""

import pytest
from support.contract_articles import *  # noqa: F403
from support.contract_random import *  # noqa: F403
from support.contract_search import *  # noqa: F403
from support.contract_swaps import *  # noqa: F403
from support.contract_writing import *  # noqa: F403


@pytest.fixture(scope="session")
def kind() -> str:
    return "whoosh"
