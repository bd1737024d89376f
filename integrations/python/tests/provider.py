"""A provider that answers like OpenAI and Anthropic, the same to the same question, and keeps a log of what it billed.

Faults are asked for in the prompt: `fault=429 times=1 key=a` answers 429 to the first request with that key. Others
are `400`, `500`, `slow` (no answer in time), `drip` (a slow stream), `cut` (a stream that ends in the middle), `broken`
(an error event in the middle) and `mute` (no usage). `say=40` makes the answer that many tokens long, at most what the
request allows.
"""

import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from provider_anthropic import AnthropicRoutes
from provider_openai import OpenAIRoutes

SLOW_SECONDS = 3


class Provider(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.billed, self.requests, self.faults, self.lock = [], [], Counter(), threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def bill(self, model, input_tokens, output_tokens, cached=0):
        with self.lock:
            self.billed.append({"model": model, "input": input_tokens, "output": output_tokens, "cached": cached})

    def fault_of(self, text):
        """The fault that is still due, and whether it is due at all."""
        found = re.search(r"fault=(\w+)(?: times=(\d+))?(?: key=(\w+))?", text)
        if not found:
            return None
        with self.lock:
            self.faults[found[3]] += 1
            return found[1] if found[2] is None or self.faults[found[3]] <= int(found[2]) else None


class Handler(OpenAIRoutes, AnthropicRoutes, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes, and the second would wait some 40 ms for the client's acknowledgement of the first.
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.body = json.loads(self.text)
        with self.server.lock:
            self.server.requests.append({"path": self.path, "body": self.body, "headers": dict(self.headers)})
        self.fault = self.server.fault_of(self.text)
        if self.fault == "slow":
            time.sleep(SLOW_SECONDS)
        if self.fault in ("429", "500", "400"):
            return self.answer({"error": {"message": "asked for", "type": "server_error"}}, int(self.fault))
        route = {
            "/v1/chat/completions": self.chat,
            "/v1/responses": self.respond,
            "/v1/embeddings": self.embeddings,
            "/v1/messages": self.messages,
        }.get(re.sub("^/openai/deployments/[^/]+", "/v1", self.path.split("?")[0]))
        if route is None:
            return self.answer({"error": {"message": "no such route"}}, 404)
        route()

    # What it says ---------------------------------------------------------------------------------------------------

    @property
    def input_tokens(self):
        prompt = {
            name: value
            for name, value in self.body.items()
            if name in ("messages", "input", "system", "tools", "instructions")
        }
        return len(json.dumps(prompt)) // 6 + 3

    def output_tokens(self, limit):
        said = re.search(r"say=(\d+)", self.text)
        return min(int(said[1]) if said else 12, limit or 4096)

    def words(self, count):
        return ["tick " for _ in range(count)]

    # How it says it -------------------------------------------------------------------------------------------------

    def answer(self, json_, status=200):
        data = json.dumps(json_).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, (name, data) in enumerate(events):
            if number == 6 and self.fault == "cut":
                self.close_connection = True
                return
            if number == 6 and self.fault == "broken":
                name, data = "error", {"type": "error", "error": {"type": "overloaded_error", "message": "asked for"}}
            text = (
                f"event: {name}\n" if name else ""
            ) + f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
            try:
                self.wfile.write(f"{len(text.encode()):x}\r\n{text}\r\n".encode())
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
            if self.fault == "drip":
                time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")
