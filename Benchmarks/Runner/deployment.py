"""A deployment to measure: servers on an embedded PostgreSQL with Purser's own settings.

One server, which is not measured, runs the PostgreSQL, so that the measured servers can be ended while the database
goes on. Budgets are large enough for any run. Every request carries a router token, which the server checks.
"""
import json
import os
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path

from processes import Server, run

REPOSITORY = Path(__file__).resolve().parents[2]
ADMIN_TOKEN = "an-admin-token-for-benchmarks-on-this-machine-only"
LIMIT_USD = 5_000_000
# One budget per user. The rows are inserted before the measured servers start, because a server reads the budgets when
# it starts.
SPREAD = """
INSERT INTO budget (id, team, "user", period, time_zone, unit, limit_amount, enforcement)
SELECT 'user/u' || n, 'bench', 'u' || n, 'month', 'UTC', 'usd', {limit}::bigint * 1000000000, 'hard'
FROM generate_series(0, {budgets} - 1) n;
UPDATE deployment SET configuration_version = configuration_version + 1;
"""


def resources_of(purser):
    """The folder with the migrations and prices of a program: those of its own checkout, or of this one."""
    checkouts = [folder for folder in Path(purser).resolve().parents if (folder / "migrations").is_dir()]
    return str((checkouts or [REPOSITORY])[0])


class Deployment:
    def __init__(self, purser, budgets=1):
        self.purser, self.budgets, self.servers, self.keeper = purser, budgets, [], None
        self.folder = Path(tempfile.mkdtemp(prefix="purser-bench-", dir="/tmp"))
        # If this process is root, PostgreSQL runs as another user, who must be able to enter the folder.
        self.folder.chmod(0o755)
        self.environment = {
            "PURSER_SHARE": os.environ.get("PURSER_SHARE", resources_of(purser)), "PURSER_ADMIN_TOKEN": ADMIN_TOKEN,
            "PURSER_DRAIN_SECONDS": "0", "PURSER_LISTEN": "127.0.0.1:0"}

    def __enter__(self):
        try:
            data = self.folder / "data"
            self.keeper = self.serve("--data-dir", data)
            self.database = (data / "connection").read_text().strip()
            self.command("team", "create", "bench")
            if self.budgets == 1:
                self.command(
                    "budget", "set", "team/bench", "--team", "bench", "--limit", LIMIT_USD, "--period", "month")
            else:
                self.sql(SPREAD.format(limit=LIMIT_USD, budgets=self.budgets))
            self.token = self.command("token", "create", "--role", "router").split()[-1]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end_servers()
        if self.keeper:
            # The embedded PostgreSQL ends with this server.
            self.keeper.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self, *options):
        return Server(
            [str(self.purser), "serve", *map(str, options)], self.folder / "servers.log", self.environment)

    def fresh_servers(self, count=1):
        """Ends the measured servers and starts new ones, which have no open holds."""
        self.end_servers()
        for _ in range(count):
            self.servers.append(self.serve("--database-url", self.database))
        return self.servers

    def end_servers(self):
        while self.servers:
            self.servers.pop().kill()

    def command(self, *words):
        """Runs a purser command with the admin token and returns its output."""
        account = {"PURSER_URL": self.keeper.url, "PURSER_TOKEN": ADMIN_TOKEN}
        return run(self.purser, *words, env=os.environ | self.environment | account)

    def database_named(self, name):
        """The connection string of another database of this PostgreSQL."""
        return self.database.replace("dbname=purser", f"dbname={name}")

    def sql(self, statement, database="purser"):
        return run(
            "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.database_named(database), "-c", statement)

    def shared_folder(self):
        """Returns a folder that PostgreSQL may write to."""
        folder = self.folder / "shared"
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, (self.folder / "data/postgres").stat().st_uid)
        return folder

    def seconds_to_answer(self, method, path, body=None, server=0):
        """Returns the seconds that a measured server takes to answer a request with the admin token."""
        request = urllib.request.Request(
            self.servers[server].url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"})
        start = time.monotonic()
        with urllib.request.urlopen(request, timeout=600) as answer:
            json.load(answer)
        return time.monotonic() - start
