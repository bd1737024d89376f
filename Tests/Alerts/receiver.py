"""A webhook receiver for the tests of Alerts, which checks signatures with the reference library.

It refuses the first requests, then accepts. Every request becomes one line of JSON in the record. Its port is the one
line it prints, and it ends when its standard input closes.
"""

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError


def verify(secret, body, headers):
    """None for a good signature, otherwise what is wrong with it."""
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError as error:
        return str(error)
    return None


def handler(options):
    lock = threading.Lock()
    seen = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            problem = verify(options.secret, body, headers)
            with lock:
                status = options.refusal if len(seen) < options.refuse else options.status
                seen.append(status)
                line = {"path": self.path, "headers": headers, "body": body, "status": status,
                        "verified": problem is None, "problem": problem}
                with open(options.record, "a", encoding="utf-8") as record:
                    record.write(json.dumps(line) + "\n")
            time.sleep(options.delay)
            answer = b"x" * options.answer_bytes
            self.send_response(status)
            if options.retry_after:
                self.send_header("Retry-After", options.retry_after)
            if 300 <= status <= 399:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A sender need not read the whole answer."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--secret", required=True)
    parser.add_argument("--record", required=True)
    parser.add_argument("--refuse", type=int, default=0, help="how many requests to refuse first")
    parser.add_argument("--refusal", type=int, default=500, help="the status to refuse with")
    parser.add_argument("--status", type=int, default=200, help="the status after that")
    parser.add_argument("--retry-after")
    parser.add_argument("--answer-bytes", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    options = parser.parse_args()
    server = Server(("127.0.0.1", 0), handler(options))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


main()
