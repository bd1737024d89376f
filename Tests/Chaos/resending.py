#!/usr/bin/env python3
"""What HAProxy and nginx send again with the configurations that Purser recommends: calls, and nothing else.

Three stand-ins for Purser's servers fail the first request they get, in each of the ways in which a server can, and
count what reaches them.
"""
import http.client
import http.server
import socket
import struct
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from balancers import BALANCERS

CALLS = [
    ("POST", "/v1/authorize"), ("POST", "/v1/settle"), ("POST", "/v1/settle/batch"), ("POST", "/v1/void"),
    ("POST", "/v1/extend"), ("POST", "/v1/usage"), ("GET", "/v1/usage?limit=1"), ("POST", "/v1/usage/reversals")]
OTHERS = [
    ("POST", "/v1/tokens"), ("PUT", "/v1/budgets/team%2Fsearch"), ("PATCH", "/v1/budgets/x"), ("DELETE", "/v1/alerts/x"),
    ("POST", "/v1/prices/import"), ("GET", "/v1/reports/monthly"), ("POST", "/v1/usages"), ("POST", "/v1/authorize-all")]
FAILURES = ("closed", "reset", "503")
# Longer than calls may take, and not too long for others.
SLOW_SECONDS = 17
LEFT_OUT_SECONDS = 3


class Servers:
    """Three servers that share how the next request fails, and what has reached them."""

    def __init__(self):
        self.lock, self.next_failure, self.requests = threading.Lock(), None, []
        self.servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler()) for _ in range(3)]
        for server in self.servers:
            # A balancer that resets its connection is no error here.
            server.handle_error = lambda *_: None
            server.daemon_threads, server.port = True, server.server_address[1]
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def arrived(self, method, path):
        with self.lock:
            self.requests.append((method, path))
            failure, self.next_failure = self.next_failure, None
            return failure

    def handler(servers):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                failure = None if self.path == "/readyz" else servers.arrived(self.command, self.path)
                if failure == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if failure in ("reset", "closed"):
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RD) if failure == "closed" else self.connection.close()
                    return
                if failure == "slow":
                    time.sleep(SLOW_SECONDS)
                self.send_response(503 if failure == "503" else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        return Handler


def send(balancer, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", balancer.port, timeout=60)
    try:
        connection.request(method, path, body=None if method in ("GET", "DELETE") else b"{}")
        return connection.getresponse().status
    finally:
        connection.close()


def ask(balancer, servers, failure, method, path, expected_sends, expected_statuses):
    servers.requests, servers.next_failure = [], failure
    status = send(balancer, method, path)
    if len(servers.requests) in expected_sends and status in expected_statuses:
        return []
    return [f"{balancer.name}, {failure}: {method} {path} reached {len(servers.requests)} servers and was answered {status}"]


def findings(name, folder):
    servers = Servers()
    found = []
    with BALANCERS[name](folder, servers.servers) as balancer:
        # Until the balancer has found all servers ready.
        time.sleep(1)
        for number, failure in enumerate(FAILURES):
            for method, path in CALLS:
                found += ask(balancer, servers, failure, method, path, (2,), (200,))
            # nginx leaves out a server that has failed for two seconds, so that after three the next reach none. Others
            # come first each time.
            first = number * len(servers.servers)
            for method, path in OTHERS[first:] + OTHERS[:first]:
                found += ask(balancer, servers, failure, method, path, (1, 0) if name == "nginx" else (1,), (502, 503))
            time.sleep(LEFT_OUT_SECONDS)
        found += ask(balancer, servers, "slow", "GET", "/v1/reports/monthly", (1,), (200,))
    servers.close()
    return found


def main():
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        folders = [Path(folder) / name for name in BALANCERS]
        for one in folders:
            one.mkdir()
        found = [line for lines in pool.map(findings, BALANCERS, folders) for line in lines]
    for line in found:
        print(line)
    count = len(BALANCERS) * (len(FAILURES) * (len(CALLS) + len(OTHERS)) + 1)
    print(f"{count} requests through {' and '.join(BALANCERS)}: {len(found)} were not sent as they should be")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
