"""Runs Debian's HAProxy and nginx with the configurations that Purser recommends, on ports of the test's own."""
import shutil
import socket
import subprocess
import time

from cluster import free_port
from replicas import REPOSITORY

CONFIGURATIONS = REPOSITORY / "integrations/loadbalancers"
LISTEN_PORT, SERVER_PORTS = 8080, (8081, 8082, 8083)
START_SECONDS, STOP_SECONDS = 10, 20
# Purser's nginx.conf is made to be included; this is the configuration that a distribution has around it.
AROUND_NGINX = """
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/purser.conf;
}}
"""


class Balancer:
    def __init__(self, folder, replicas):
        self.folder, self.port, self.process = folder, free_port(), None
        self.ports = dict(zip((LISTEN_PORT, *SERVER_PORTS), (self.port, *(replica.port for replica in replicas))))

    def __enter__(self):
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_listening():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start; see {self.folder}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def is_listening(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def configuration(self, file):
        """Returns a configuration of the repository with the test's ports in it."""
        text = (CONFIGURATIONS / file).read_text()
        for told, port in self.ports.items():
            if f"127.0.0.1:{told}" not in text:
                raise RuntimeError(f"{file} does not name 127.0.0.1:{told}")
            text = text.replace(f"127.0.0.1:{told}", f"127.0.0.1:{port}")
        return text

    @staticmethod
    def program(name):
        found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if found is None:
            raise SystemExit(f"There is no {name} here: apt-get install {name}")
        return found


class HAProxy(Balancer):
    name = "haproxy"

    def command(self):
        path = self.folder / "haproxy.cfg"
        path.write_text(self.configuration("haproxy.cfg"))
        return [self.program("haproxy"), "-db", "-f", path]


class Nginx(Balancer):
    name = "nginx"

    def command(self):
        (self.folder / "purser.conf").write_text(self.configuration("nginx.conf"))
        path = self.folder / "nginx.conf"
        path.write_text(AROUND_NGINX.format(folder=self.folder))
        return [self.program("nginx"), "-e", "stderr", "-c", path, "-g", "daemon off;"]


BALANCERS = {balancer.name: balancer for balancer in (HAProxy, Nginx)}
