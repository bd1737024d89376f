"""One version of Purser on a database of its own in the deployment's PostgreSQL: two servers, and requests to them."""
import json
import os
import time
import urllib.error
import urllib.request

from deployment import ADMIN_TOKEN, LIMIT_USD, resources_of
from filling import fill
from processes import Server, run

SERVERS, ANSWER_SECONDS = 2, 120
# The last batches of a server that is gone are summed up when they are a minute old.
FOLDED = """
SELECT NOT EXISTS (SELECT FROM batch b JOIN replica r USING (replica_id) LEFT JOIN scope_sum_fence f USING (replica_id)
    WHERE r.state <> 'live' AND b.number > COALESCE(f.batch_number, 0))
"""


class Side:
    def __init__(self, name, purser, deployment):
        self.name, self.purser, self.deployment, self.servers = name, purser.resolve(), deployment, []
        self.environment = deployment.environment | {"PURSER_SHARE": resources_of(self.purser)}
        self.url, self.clock = deployment.database_named(name), None

    # Data ---------------------------------------------------------------------------------------------------------

    def create(self, entries):
        self.sql(f"CREATE DATABASE {self.name}", "postgres")
        self.migrate()
        fill(self.deployment, entries, self.name)

    def copy(self, other):
        """Becomes this version on a copy of another version's data; returns how long `migrate` took in seconds."""
        self.sql(f"CREATE DATABASE {self.name} TEMPLATE {other.name} STRATEGY FILE_COPY", "postgres")
        start = time.monotonic()
        self.migrate()
        self.sql("VACUUM (ANALYZE)")
        return time.monotonic() - start

    def migrate(self):
        run(*self.command("migrate"), env=os.environ | self.environment)

    def command(self, name):
        return [str(self.purser), name, "--database-url", self.url]

    def sql(self, statement, database=None):
        return self.deployment.sql(statement, database or self.name)

    # Servers ------------------------------------------------------------------------------------------------------

    def serve(self):
        clock = self.clock.environment if self.clock else {}
        return Server(self.command("serve"), self.deployment.folder / f"{self.name}.log", self.environment | clock)

    def start(self):
        for _ in range(SERVERS):
            self.servers.append(self.serve())
        self.request("PUT", "/v1/teams/bench")
        self.set_budget("team/bench", {"team": "bench"}, LIMIT_USD)
        self.token = self.new_token()["token"]

    def end(self):
        while self.servers:
            self.servers.pop().kill()

    def wait_for_sums(self, minutes):
        """Waits until maintenance has summed up the filled ledger, where this version does so; says how that went."""
        if self.sql("SELECT to_regclass('scope_sum_fence') IS NULL") == "t":
            return "has no sums by scope"
        start = time.monotonic()
        while self.sql(FOLDED) != "t":
            if time.monotonic() > start + 60 * minutes:
                return f"sums were not caught up after {minutes:g} minutes; budgets read the rest from the ledger"
            time.sleep(2)
        return f"sums caught up in {time.monotonic() - start:.0f} s"

    # Requests -----------------------------------------------------------------------------------------------------

    def request(self, method, path, body=None, token=ADMIN_TOKEN, seconds=ANSWER_SECONDS):
        """Sends one request to the first server and returns the JSON of the answer, None where it has none."""
        request = urllib.request.Request(
            self.servers[0].url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def set_budget(self, budget, scope, limit_usd):
        body = {"scope": scope, "period": "month", "limit_usd": str(limit_usd)}
        return self.request("PUT", f"/v1/budgets/{budget.replace('/', '%2F')}", body)

    def new_token(self):
        return self.request("POST", "/v1/tokens", {"role": "router"})
