"""Clients that are wrapped for a test, and what must be true of the ledger after it."""

import anthropic
import openai
from prices import billed_nanodollars, nanodollars

import purser

HELLO = [{"role": "user", "content": "Say hello to the budget office."}]


def openai_client(provider, client, kind=openai.OpenAI, timeout=2, **options):
    plain = kind(api_key="k", base_url=f"{provider.url}/v1", timeout=timeout, max_retries=2)
    return purser.wrap(plain, client, provider="openai", **options)


def anthropic_client(provider, client, kind=anthropic.Anthropic, timeout=2, **options):
    plain = kind(api_key="k", base_url=provider.url, timeout=timeout, max_retries=2)
    return purser.wrap(plain, client, provider="anthropic", **options)


def agrees(client, team, provider, calls):
    """Purser's ledger and the provider's log are equal to the nanodollar, and no money is held."""
    assert client.queue.flush(10)
    entries = team.entries()
    assert len(entries) == calls and len(provider.billed) == calls
    assert nanodollars(team.cost()) == billed_nanodollars(provider)
    assert team.standing()["held_usd"] == "0"
    return entries


def ask(text):
    return [{"role": "user", "content": text}]


def chat(wrapped, messages=HELLO, **options):
    return wrapped.chat.completions.create(model="gpt-4o", messages=messages, **options)


def message(wrapped, messages=HELLO, **options):
    return wrapped.messages.create(model="claude-opus-4-5", messages=messages, **{"max_tokens": 60, **options})
