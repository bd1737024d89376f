"""The test's own PostgreSQL on loopback, which can be stopped, killed, started again and failed over."""
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

DATABASE, ROLE = "purser", "purser"
START_SECONDS, STOP_SECONDS = 60, 60
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
wal_level = replica
max_wal_senders = 8
hot_standby = on
wal_keep_size = 256MB
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 200ms
recovery_init_sync_method = syncfs
log_min_messages = warning
"""


def free_port():
    """Returns a port that nothing listens on; the caller should use it at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def newest_programs():
    """Returns the folder of the newest PostgreSQL from Debian packages, or else of the `postgres` on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if found:
        return found[-1]
    postgres = shutil.which("postgres")
    if postgres is None:
        raise SystemExit("There is no PostgreSQL here: apt-get install postgresql")
    return Path(postgres).resolve().parent


def unprivileged():
    """Returns the options to start a program of PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": entry.pw_dir}
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "env": environment}


class Cluster:
    """One server: a data directory, a port, and its process while it runs."""

    def __init__(self, folder, name="alpha"):
        self.name, self.port = name, free_port()
        self.data, self.log = folder / name, folder / f"{name}.log"
        self.programs, self.process = newest_programs(), None

    # Creating a cluster -------------------------------------------------------------------------------------------

    def create(self):
        self.run("initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.configure()
        self.start()
        self.sql(f"CREATE DATABASE {DATABASE}", database="postgres")

    def copy_of(self, primary):
        """Becomes a standby that follows `primary` under this cluster's name."""
        shutil.rmtree(self.data, ignore_errors=True)
        source = f"host=127.0.0.1 port={primary.port} user={ROLE} application_name={self.name}"
        self.run("pg_basebackup", "-d", source, "-D", self.data, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        # pg_basebackup copied the primary's settings too. With them, the standby would wait for itself once it is
        # promoted.
        (self.data / "postgresql.auto.conf").write_text(self.standby_settings(source))
        self.configure()
        self.start()

    def standby_settings(self, source):
        return f"primary_conninfo = '{source} connect_timeout=2'\n"

    def configure(self):
        path = self.data / "postgresql.conf"
        kept = re.sub(r"\n# Of the test's own\n.*", "", path.read_text(), flags=re.DOTALL)
        path.write_text(f"{kept}\n# Of the test's own\n{SETTINGS}port = {self.port}\n")

    def run(self, program, *arguments):
        """Runs a program of PostgreSQL to its end."""
        with open(self.log, "ab") as log:
            subprocess.run(
                [self.programs / program, *map(str, arguments)], cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, check=True, **unprivileged())

    # Backups ------------------------------------------------------------------------------------------------------

    def back_up(self):
        """Copies the data while the server runs, as of the end of the copying; returns the copy's folder."""
        folder = self.data.with_name(f"{self.name}-backup")
        shutil.rmtree(folder, ignore_errors=True)
        source = f"host=127.0.0.1 port={self.port} user={ROLE}"
        self.run("pg_basebackup", "-d", source, "-D", folder, "-X", "stream", "-c", "fast", "--no-sync")
        return folder

    def go_back(self, backup, is_new_timeline):
        """Replaces the data of the server, which must have ended, by a backup."""
        shutil.rmtree(self.data)
        backup.rename(self.data)
        if is_new_timeline:
            # A recovery from an archive that has nothing more begins a timeline of its own.
            (self.data / "recovery.signal").touch()
            with open(self.data / "postgresql.auto.conf", "a") as settings:
                settings.write("restore_command = 'false'\n")
        self.start()

    # Process ------------------------------------------------------------------------------------------------------

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self):
        """Starts the server and returns once it takes connections."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            # After a kill, the old server's children may still hold its shared memory; then the start is tried again.
            if not self.is_running:
                self.spawn()
            if self.is_ready():
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start; see {self.log}")

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data], cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, **unprivileged())

    def is_ready(self):
        with open(self.log, "ab") as log:
            answer = subprocess.run(
                [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-d", "postgres",
                 "-U", ROLE], stdout=log, stderr=log)
        return answer.returncode == 0

    def stop_immediately(self):
        """An immediate shutdown: sessions finish nothing, and the next start recovers."""
        self.end(signal.SIGQUIT)

    def kill(self):
        """kill -9 of the main process; its children notice and end by themselves."""
        self.end(signal.SIGKILL)

    def end(self, number):
        if not self.is_running:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill_one_backend(self):
        """kill -9 of one connection's process: the server restarts itself and cuts all other connections too."""
        pids = self.sql(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
            "ORDER BY query_start DESC LIMIT 1").split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)

    # Statements ---------------------------------------------------------------------------------------------------

    def sql(self, statement, database=DATABASE, seconds=30):
        """Runs a statement with psql and returns its answer as text; only for a few statements."""
        answer = subprocess.run(
            [self.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U",
             ROLE, "-d", database, "-c", statement], capture_output=True, text=True, timeout=seconds)
        if answer.returncode != 0:
            raise RuntimeError(f"{self.name}: {answer.stderr.strip()}")
        return answer.stdout.strip()

    def url(self, *ports):
        """Returns a connection string, through the proxies on `ports` if they are given."""
        ports = ports or (self.port,)
        hosts = ",".join("127.0.0.1" for _ in ports)
        several = " target_session_attrs=read-write connect_timeout=2" if len(ports) > 1 else ""
        numbers = ",".join(map(str, ports))
        return f"host={hosts} port={numbers} user={ROLE} dbname={DATABASE} sslmode=disable gssencmode=disable{several}"


class Pair:
    """A primary and its synchronous standby. They change places when the standby is promoted."""

    def __init__(self, folder):
        self.primary, self.standby = Cluster(folder, "alpha"), Cluster(folder, "beta")

    @property
    def clusters(self):
        """Both clusters, in a fixed order."""
        return sorted([self.primary, self.standby], key=lambda cluster: cluster.name)

    def create(self):
        self.primary.create()
        self.follow()

    def follow(self):
        """Rebuilds the standby from the primary; from then on the primary's commits wait for it."""
        self.standby.copy_of(self.primary)
        self.primary.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{self.standby.name}'")
        self.primary.sql("SELECT pg_reload_conf()")
        deadline = time.monotonic() + START_SECONDS
        while self.primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != "1":
            if time.monotonic() > deadline:
                raise RuntimeError("The standby does not follow; see its log.")
            time.sleep(0.05)

    def promote(self):
        """Promotes the standby. The old primary must have ended; `follow` brings it back as a standby."""
        if self.primary.is_running:
            raise RuntimeError("Two primaries at once: end the old one first.")
        self.standby.sql("SELECT pg_promote(true, 60)", database="postgres")
        self.primary, self.standby = self.standby, self.primary

    def url(self, *ports):
        return self.primary.url(*(ports or [cluster.port for cluster in self.clusters]))

    def kill(self):
        for cluster in self.clusters:
            cluster.kill()
