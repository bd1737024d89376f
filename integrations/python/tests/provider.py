"""A provider that answers like OpenAI and Anthropic, the same to the same question, and keeps a log of what it billed.

Faults are asked for in the prompt: `fault=429 times=1 key=a` answers 429 to the first request with that key. Others are
`500`, `slow` (no answer in time), `cut` (a stream that ends in the middle), `broken` (an error event in the middle), `mute`
(no usage). `say=40` makes the answer that many tokens long, at most what the request allows.
"""
import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

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
        route = {"/v1/chat/completions": self.chat, "/v1/responses": self.respond, "/v1/embeddings": self.embeddings,
                 "/v1/messages": self.messages}.get(re.sub("^/openai/deployments/[^/]+", "/v1", self.path.split("?")[0]))
        if route is None:
            return self.answer({"error": {"message": "no such route"}}, 404)
        route()

    # What it says ---------------------------------------------------------------------------------------------------

    @property
    def input_tokens(self):
        prompt = {name: value for name, value in self.body.items() if name in ("messages", "input", "system", "tools", "instructions")}
        return len(json.dumps(prompt)) // 6 + 3

    def output_tokens(self, limit):
        said = re.search(r"say=(\d+)", self.text)
        return min(int(said[1]) if said else 12, limit or 4096)

    def words(self, count):
        return ["tick " for _ in range(count)]

    def chat(self):
        output = self.output_tokens(self.body.get("max_completion_tokens") or self.body.get("max_tokens"))
        usage = {"prompt_tokens": self.input_tokens, "completion_tokens": output, "total_tokens": self.input_tokens + output,
                 "prompt_tokens_details": {"cached_tokens": self.input_tokens // 4},
                 "completion_tokens_details": {"reasoning_tokens": 2}}
        self.server.bill(self.body["model"], self.input_tokens, output, self.input_tokens // 4)
        head = {"id": "chatcmpl-1", "created": 1, "model": self.body["model"]}
        tool = bool(self.body.get("tools"))
        if not self.body.get("stream"):
            call = {"id": "t1", "type": "function", "function": {"name": "look", "arguments": "{\"at\": 1}"}}
            message = {"role": "assistant", "content": None if tool else "".join(self.words(output)), **({"tool_calls": [call]} if tool else {})}
            if self.body.get("response_format"):
                message["content"] = json.dumps({"city": "Ulm"})
            return self.answer({**head, "object": "chat.completion", "usage": usage if self.fault != "mute" else None,
                                "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}]})
        head["object"] = "chat.completion.chunk"
        deltas = [{"content": word} for word in self.words(output)]
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (self.body.get("stream_options") or {}).get("include_usage") and self.fault != "mute":
            chunks.append({**head, "choices": [], "usage": usage})
        self.stream([(None, chunk) for chunk in chunks] + [(None, "[DONE]")])

    def respond(self):
        output = self.output_tokens(self.body.get("max_output_tokens"))
        usage = {"input_tokens": self.input_tokens, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": output,
                 "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": self.input_tokens + output}
        self.server.bill(self.body["model"], self.input_tokens, output)
        text = "".join(self.words(output))
        response = {"id": f"resp_{len(self.server.billed)}", "object": "response", "created_at": 1, "model": self.body["model"],
                    "status": "completed", "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "usage": usage,
                    "output": [{"type": "message", "id": "m1", "role": "assistant", "status": "completed",
                                "content": [{"type": "output_text", "text": text, "annotations": []}]}]}
        if not self.body.get("stream"):
            return self.answer(response)
        begun = {**response, "status": "in_progress", "output": [], "usage": None}
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        item = {**response["output"][0], "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        events = [{"type": "response.created", "response": begun},
                  {"type": "response.output_item.added", "output_index": 0, "item": item},
                  {"type": "response.content_part.added", "part": part, **place}]
        events += [{"type": "response.output_text.delta", "delta": word, "logprobs": [], **place} for word in self.words(output)]
        events.append({"type": "response.completed", "response": response})
        self.stream([(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)])

    def embeddings(self):
        self.server.bill(self.body["model"], self.input_tokens, 0)
        self.answer({"object": "list", "model": self.body["model"], "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
                     "usage": {"prompt_tokens": self.input_tokens, "total_tokens": self.input_tokens}})

    def messages(self):
        output = self.output_tokens(self.body["max_tokens"])
        usage = {"input_tokens": self.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
                 "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
                 "output_tokens": output, "service_tier": "standard"}
        self.server.bill(self.body["model"], self.input_tokens, output)
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": self.body["model"], "stop_sequence": None,
                   "stop_reason": "end_turn", "usage": usage, "content": [{"type": "text", "text": "".join(self.words(output))}]}
        if not self.body.get("stream"):
            return self.answer(message)
        begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
        events = [{"type": "message_start", "message": begun},
                  {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
        events += [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in self.words(output)]
        events += [{"type": "content_block_stop", "index": 0},
                   {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": {"output_tokens": output}},
                   {"type": "message_stop"}]
        self.stream([(event["type"], event) for event in events])

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
            text = (f"event: {name}\n" if name else "") + f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n"
            try:
                self.wfile.write(f"{len(text.encode()):x}\r\n{text}\r\n".encode())
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
            if self.fault == "drip":
                time.sleep(0.05)
        self.wfile.write(b"0\r\n\r\n")
