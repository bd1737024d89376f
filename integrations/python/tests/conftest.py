"""A real Purser on a PostgreSQL of its own, and a provider with a log of its own, for all tests."""

import sys
import uuid
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(Path(__file__).parent), str(REPOSITORY / "Tests/Chaos")]

from deployment import Deployment  # noqa: E402
from provider import Provider  # noqa: E402
from replicas import Replica  # noqa: E402

import purser  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--purser", help="the program to test; the release build of this checkout unless given")


class Team:
    """A team of its own for one test, with a budget, and what the ledger says of it."""

    def __init__(self, deployment):
        self.deployment, self.name = deployment, f"t{uuid.uuid4().hex[:10]}"
        self.admin("PUT", f"/v1/teams/{self.name}")

    def admin(self, method, path, body=None):
        return self.deployment.admin(method, path, body)

    def budget(self, limit_usd, **fields):
        body = {"scope": {"team": self.name}, "period": "total", "limit_usd": str(limit_usd), **fields}
        return self.admin("PUT", f"/v1/budgets/{self.name}", body)

    def standing(self):
        return self.admin("GET", f"/v1/budgets/{self.name}")

    def ladder(self, *models):
        self.admin("PUT", f"/v1/ladders/{self.name}", {"models": list(models)})

    def entries(self):
        page = self.admin("GET", f"/v1/usage?team={quote(self.name)}&limit=1000")
        return page["entries"]

    def cost(self):
        return sum((Decimal(entry["cost_usd"]) for entry in self.entries()), Decimal(0))


@pytest.fixture(scope="session")
def deployment(request):
    with Deployment(request.config.getoption("--purser")) as running:
        running.start_database()
        running.start_replicas([running.database.url()])
        running.router_token = running.admin("POST", "/v1/tokens", {"role": "router"})["token"]
        yield running


@pytest.fixture
def absent(deployment):
    """A second server, which a test may start and stop."""
    replica = Replica(7, deployment.purser, deployment.database.url(), deployment.folder)
    # A server that is killed keeps its lease for some seconds, for which changes of the next test would wait.
    replica.environment = {"PURSER_DRAIN_SECONDS": "0"}
    yield replica
    if replica.is_running:
        replica.drain()


@pytest.fixture(scope="session")
def url(deployment):
    return deployment.replicas[0].url


@pytest.fixture
def token(deployment):
    return deployment.router_token


@pytest.fixture
def team(deployment):
    return Team(deployment)


@pytest.fixture
def provider():
    """A provider of its own for each test, because one may still answer after the test that asked has ended."""
    server = Provider()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(url, token, team):
    with purser.Client(url, token, team.name) as made:
        yield made
