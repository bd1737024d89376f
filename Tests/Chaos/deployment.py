"""A whole deployment for a test: a folder, a PostgreSQL, some replicas on it, and an admin's requests over HTTP.

    with Deployment() as deployment:
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()] * 3)
        deployment.admin("PUT", "/v1/teams/search")

At the end of the block every process is ended by its id, also after Ctrl-C and SIGTERM.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from cluster import Cluster
from replicas import ADMIN_TOKEN, Replica, environment, program


class Deployment:
    """The folder with logs and data is removed at the end, unless `keeps_folder` is set or an error ends the block."""

    def __init__(self, purser=None, database=Cluster):
        self.purser, self.keeps_folder = program(purser), False
        self.folder = Path(tempfile.mkdtemp(prefix="purser-chaos-"))
        # If this process is root, PostgreSQL runs as another user, who must be able to enter the folder.
        self.folder.chmod(0o755)
        data = self.folder / "postgres"
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data, "postgres")
        self.database, self.replicas = database(data), []

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return self

    def __exit__(self, kind, *_):
        for replica in self.replicas:
            replica.kill()
        self.database.kill()
        if self.keeps_folder or kind not in (None, SystemExit, KeyboardInterrupt):
            print(f"logs and data are in {self.folder}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def start_database(self):
        self.database.create()
        code, text = self.command("migrate")
        if code != 0:
            raise RuntimeError(f"purser migrate: {text}")

    def start_replicas(self, urls, environments=()):
        """Starts one replica for each connection string, perhaps with variables of its own."""
        for url in urls:
            replica = Replica(len(self.replicas), self.purser, url, self.folder)
            if environments:
                replica.environment = environments[replica.number]
            self.replicas.append(replica)
            replica.start()

    def command(self, name):
        """Runs a purser command on the database to its end; returns the exit code and what it printed."""
        answer = subprocess.run(
            [self.purser, name, "--database-url", self.database.url()], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, env=environment(self.purser))
        return answer.returncode, answer.stdout

    def admin(self, method, path, body=None, replica=0):
        """Sends one request with the admin token and returns the JSON of the answer.

        The timeout leaves time for a change of the configuration.
        """
        request = urllib.request.Request(
            self.replicas[replica].url + path, method=method, data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def set_budget(self, budget, scope, limit_usd, replica=0, period="total"):
        body = {"scope": scope, "period": period, "limit_usd": str(limit_usd)}
        return self.admin("PUT", f"/v1/budgets/{quote(budget, safe='')}", body, replica)
