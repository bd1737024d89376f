"""One proxy for all tests, which takes some seconds to start."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from litellm_proxy import Proxy  # noqa: E402


@pytest.fixture(scope="session")
def running_proxy(url, deployment, tmp_path_factory):
    proxy = Proxy(tmp_path_factory.mktemp("litellm"), url, deployment.router_token)
    yield proxy
    proxy.end()


@pytest.fixture
def proxy(running_proxy):
    time.sleep(0.1)
    running_proxy.provider.billed.clear()
    running_proxy.provider.requests.clear()
    return running_proxy
