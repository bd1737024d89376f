"""A server for the tests of Curl. It prints its ports as one line of JSON, and ends when its standard input closes."""

import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        path = self.path.split("?")[0]
        if path.startswith("/status/"):
            self.reply(int(path.removeprefix("/status/")), b"")
        elif path == "/echo":
            headers = [[name, value] for name, value in self.headers.items()]
            text = body.decode() if len(body) < 1000 else ""
            seen = {"method": self.command, "headers": headers, "body": text, "length": len(body)}
            self.reply(200, json.dumps(seen).encode())
        elif path == "/port":
            self.reply(200, str(self.client_address[1]).encode())
        elif path == "/redirect":
            self.reply(302, b"", {"Location": "/port"})
        elif path == "/redirect-to-metadata":
            self.reply(302, b"", {"Location": "http://169.254.169.254/latest/meta-data/"})
        elif path == "/redirect-to-file":
            self.reply(302, b"", {"Location": "file:///etc/hostname"})
        elif path == "/large":
            self.reply(200, b"x" * 1_000_000)
        elif path == "/many-headers":
            self.reply(200, b"", {f"X-{number}": "y" * 1000 for number in range(300)})
        elif path == "/slow":
            time.sleep(30)
        else:
            self.reply(404, b"not here", {"X-Padded": "  padded  "})

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer

    def reply(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Clients that hang up, and clients that refuse the certificate, are what is tested."""


def with_self_signed_certificate(server):
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
             "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def main():
    plain = Server(("127.0.0.1", 0), Handler)
    secure = with_self_signed_certificate(Server(("127.0.0.1", 0), Handler))
    # Bound and not listening: whoever connects is refused, and nobody else can take the port.
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    for server in (plain, secure):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = {"plain": plain.server_port, "secure": secure.server_port, "closed": closed.getsockname()[1]}
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


main()
