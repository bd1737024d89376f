"""LiteLLM's real proxy with the plugin, in front of the provider that keeps its own log."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import yaml
from cluster import free_port
from prices import billed_nanodollars, nanodollars
from provider import Provider

START_SECONDS = 120
MODELS = {
    "gpt-4o": "openai",
    "gpt-4o-mini": "openai",
    "text-embedding-3-small": "openai",
    "claude-opus-4-5": "anthropic",
    "claude-haiku-4-5": "anthropic",
}


class Proxy:
    """The proxy as a process, as people start it, and its provider."""

    def __init__(self, folder, url, token, **settings):
        self.provider, self.port = Provider(), free_port()
        bases = {"openai": f"{self.provider.url}/v1", "anthropic": self.provider.url}
        models = [
            {"model_name": name, "litellm_params": {"model": f"{kind}/{name}", "api_base": bases[kind], "api_key": "k"}}
            for name, kind in MODELS.items()
        ]
        models.append(
            {
                "model_name": "smart",
                "litellm_params": {"model": "openai/gpt-4o", "api_base": bases["openai"], "api_key": "k"},
            }
        )
        models.append(
            {
                "model_name": "broken",
                "litellm_params": {"model": "openai/gpt-4o", "api_base": "http://127.0.0.1:9", "api_key": "k"},
            }
        )
        models.append(
            {
                "model_name": "mine",
                "model_info": {"base_model": "gpt-4o"},
                "litellm_params": {"model": "openai/my-deployment", "api_base": bases["openai"], "api_key": "k"},
            }
        )
        config = folder / "config.yaml"
        config.write_text(
            yaml.safe_dump(
                {
                    "model_list": models,
                    "general_settings": {"master_key": "sk-test"},
                    "litellm_settings": {
                        "callbacks": ["purser.litellm.plugin"],
                        "num_retries": 1,
                        "request_timeout": 2,
                    },
                    "router_settings": {"fallbacks": [{"broken": ["gpt-4o-mini"]}], "retry_after": 0},
                }
            )
        )
        self.log = folder / "litellm.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")}
        environment |= {
            "PURSER_URL": url,
            "PURSER_TOKEN": token,
            "PURSER_TEAM": "nobody",
            "PYTHONUNBUFFERED": "1",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "NO_PROXY": "*",
            **settings,
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [
                    Path(sys.executable).parent / "litellm",
                    "--config",
                    config,
                    "--port",
                    str(self.port),
                    "--host",
                    "127.0.0.1",
                ],
                stdout=log,
                stderr=log,
                env=environment,
                cwd=folder,
            )
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=60, headers={"Authorization": "Bearer sk-test"}
        )
        self.wait()

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/health/liveliness").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise RuntimeError(self.log.read_text()[-3000:])

    def post(self, team, path, body, **headers):
        return self.http.post(path, json=body, headers={"x-purser-team": team.name, **headers})

    def chat(self, team, text="hello", model="gpt-4o", **fields):
        return self.post(
            team, "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}], **fields}
        )

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.provider.shutdown()


def agrees(proxy, team, calls, seconds=20):
    """The ledger and the provider's log are equal to the nanodollar. LiteLLM tells its events some time after."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (len(team.entries()) < calls or team.standing()["held_usd"] != "0"):
        time.sleep(0.1)
    entries = team.entries()
    assert len(entries) == len(proxy.provider.billed) == calls
    assert nanodollars(team.cost()) == billed_nanodollars(proxy.provider)
    assert team.standing()["held_usd"] == "0"
    return entries
