"""Wrapped clients of the real SDKs: each call is authorized, sent as the verdict says, and settled as the provider bills it."""
import asyncio
import gc

import anthropic
import openai
import pytest
from prices import billed_nanodollars, nanodollars
from pydantic import BaseModel

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


class City(BaseModel):
    city: str


SYNC = {
    "chat": lambda o: o.chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=50),
    "chat without a limit": lambda o: o.chat.completions.create(model="gpt-4o", messages=HELLO),
    "chat streamed": lambda o: list(o.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)),
    "chat.stream": lambda o: until_done(o.chat.completions.stream(model="gpt-4o", messages=HELLO)),
    "chat.parse": lambda o: o.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=City).choices[0].message.parsed.city,
    "beta chat.parse": lambda o: o.beta.chat.completions.parse(model="gpt-4o", messages=HELLO, response_format=City),
    "chat with tools": lambda o: o.chat.completions.create(model="gpt-4o", messages=HELLO, tools=[LOOK]),
    "raw chat": lambda o: o.chat.completions.with_raw_response.create(model="gpt-4o", messages=HELLO).parse(),
    "raw chat streamed": lambda o: list(o.chat.completions.with_raw_response.create(model="gpt-4o", messages=HELLO, stream=True).parse()),
    "responses": lambda o: o.responses.create(model="gpt-4o", input="hello", max_output_tokens=50),
    "responses streamed": lambda o: list(o.responses.create(model="gpt-4o", input="hello", stream=True)),
    "responses.stream": lambda o: until_done(o.responses.stream(model="gpt-4o", input="hello")),
    "embeddings": lambda o: o.embeddings.create(model="text-embedding-3-small", input=["hello", "world"]),
    "with_options": lambda o: o.with_options(timeout=1).chat.completions.create(model="gpt-4o", messages=HELLO),
}
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {"at": {"type": "integer"}}}}}
ANTHROPIC = {
    "messages": lambda a: a.messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=60),
    "messages streamed": lambda a: list(a.messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=60, stream=True)),
    "messages.stream": lambda a: final_message(a.messages.stream(model="claude-opus-4-5", messages=HELLO, max_tokens=60)),
    "beta messages": lambda a: a.beta.messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=60),
    "messages with tools": lambda a: a.messages.create(
        model="claude-opus-4-5", messages=HELLO, max_tokens=60, tools=[{"name": "look", "input_schema": {"type": "object"}}]),
}


def until_done(manager):
    with manager as stream:
        return list(stream)


def final_message(manager):
    with manager as stream:
        return stream.get_final_message().usage.output_tokens


@pytest.mark.parametrize("name", SYNC)
def test_openai(name, client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client)
    assert isinstance(wrapped, openai.OpenAI)
    assert SYNC[name](wrapped)
    [entry] = agrees(client, team, provider, 1)
    assert entry["status"] == "ok"


@pytest.mark.parametrize("name", ANTHROPIC)
def test_anthropic(name, client, team, provider):
    team.budget(1)
    assert ANTHROPIC[name](anthropic_client(provider, client))
    [entry] = agrees(client, team, provider, 1)
    assert entry["status"] == "ok"


def test_async_clients(url, token, team, provider):
    async def run():
        async with purser.AsyncClient(url, token, team.name) as client:
            o = openai_client(provider, client, openai.AsyncOpenAI)
            a = anthropic_client(provider, client, anthropic.AsyncAnthropic)
            await o.chat.completions.create(model="gpt-4o", messages=HELLO)
            async for _ in await o.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True):
                pass
            async with o.chat.completions.stream(model="gpt-4o", messages=HELLO) as stream:
                assert (await stream.get_final_completion()).choices
            await o.responses.create(model="gpt-4o", input="hello")
            async with o.responses.stream(model="gpt-4o", input="hello") as stream:
                await stream.get_final_response()
            await o.embeddings.create(model="text-embedding-3-small", input="hello")
            await a.messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=60)
            async with a.messages.stream(model="claude-opus-4-5", messages=HELLO, max_tokens=60) as stream:
                await stream.get_final_message()
            await asyncio.to_thread(agrees, client, team, provider, 8)

    team.budget(1)
    asyncio.run(run())


# The verdict ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("send, dear, cheap", [
    (lambda p, c: openai_client(p, c).chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=1000), "gpt-4o", "gpt-4o-mini"),
    (lambda p, c: list(openai_client(p, c).responses.create(model="gpt-4o", input="hi", max_output_tokens=1000, stream=True)), "gpt-4o", "gpt-4o-mini"),
    (lambda p, c: anthropic_client(p, c).messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=400), "claude-opus-4-5", "claude-haiku-4-5"),
])
def test_a_downgrade_goes_to_the_model_of_the_verdict(send, dear, cheap, client, team, provider):
    team.ladder(dear, cheap)
    team.budget("0.005")
    send(provider, client)
    [entry] = agrees(client, team, provider, 1)
    assert provider.billed[0]["model"] == cheap and entry["model"] == cheap


def test_a_denied_call_is_not_sent(client, team, provider):
    team.budget("0.000001")
    for send in (SYNC["chat"], SYNC["chat streamed"], SYNC["responses"]):
        with pytest.raises(purser.Denied) as denied:
            send(openai_client(provider, client))
        assert denied.value.budget == team.name
    with pytest.raises(purser.Denied):
        ANTHROPIC["messages.stream"](anthropic_client(provider, client))
    assert provider.requests == []


@pytest.mark.parametrize("send, field", [
    (lambda o, a: o.chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=3000), "max_tokens"),
    (lambda o, a: o.chat.completions.create(model="gpt-4o", messages=HELLO), "max_completion_tokens"),
    (lambda o, a: o.responses.create(model="gpt-4o", input="hi say=5000"), "max_output_tokens"),
    (lambda o, a: a.messages.create(model="claude-opus-4-5", messages=HELLO, max_tokens=3000), "max_tokens"),
])
def test_the_output_is_what_was_held_for(send, field, client, team, provider):
    team.budget("0.01")
    send(openai_client(provider, client, min_output_tokens=10), anthropic_client(provider, client, min_output_tokens=10))
    assert 10 <= provider.requests[0]["body"][field] < 1000
    agrees(client, team, provider, 1)


def test_several_answers_share_the_output(client, team, provider):
    team.budget("0.02")
    openai_client(provider, client, min_output_tokens=10).chat.completions.create(model="gpt-4o", messages=HELLO, n=4, max_tokens=5000)
    assert provider.requests[0]["body"]["max_tokens"] <= 500


def test_a_ladder_that_leaves_the_provider_is_told(client, team, provider):
    team.ladder("gpt-4o", "claude-haiku-4-5")
    team.budget("0.006")
    with pytest.raises(purser.Denied) as denied:
        openai_client(provider, client).chat.completions.create(model="gpt-4o", messages=HELLO, max_tokens=1000)
    assert denied.value.code == "wrong_provider" and provider.requests == []
    agrees(client, team, provider, 0)


# Streams that end early -----------------------------------------------------------------------------------------------


def test_the_usage_chunk_is_hidden_unless_asked_for(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client)
    hidden = list(wrapped.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))
    shown = list(wrapped.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True}))
    assert all(chunk.choices for chunk in hidden) and len(shown) == len(hidden) + 1 and shown[-1].usage
    agrees(client, team, provider, 2)


def leave(stream):
    """Takes three events and closes."""
    for number, _ in enumerate(stream):
        if number == 2:
            break
    stream.close()


def drop(stream):
    next(iter(stream))
    del stream
    gc.collect()


@pytest.mark.parametrize("end", [leave, drop])
def test_a_stream_that_is_left_costs_its_input_and_what_was_heard(end, client, team, provider):
    team.budget(1)
    drip = [{"role": "user", "content": "fault=drip say=100"}]
    end(openai_client(provider, client).chat.completions.create(model="gpt-4o", messages=drip, stream=True, max_tokens=500))
    end(anthropic_client(provider, client).messages.create(model="claude-opus-4-5", messages=drip, stream=True, max_tokens=500))
    client.queue.flush(5)
    chat, message = sorted(team.entries(), key=lambda entry: entry["model"], reverse=True)
    assert chat["status"] == message["status"] == "cancelled"
    # The declared input, which errs high; of Anthropic the input that the stream told.
    assert chat["usage"]["input_tokens"] >= provider.billed[0]["input"]
    assert message["usage"]["input_tokens"] == provider.billed[1]["input"]
    assert team.standing()["held_usd"] == "0"


def test_a_stream_that_is_cut_or_breaks_is_settled(client, team, provider):
    team.budget(1)
    for fault in ("cut", "broken"):
        ask = [{"role": "user", "content": f"fault={fault} say=100"}]
        with pytest.raises(Exception):
            list(openai_client(provider, client).chat.completions.create(model="gpt-4o", messages=ask, stream=True))
        with pytest.raises(Exception):
            list(anthropic_client(provider, client).messages.create(model="claude-opus-4-5", messages=ask, stream=True, max_tokens=500))
    client.queue.flush(5)
    entries = team.entries()
    assert [entry["status"] for entry in entries] == ["error"] * 4
    assert all(entry["usage"]["output_tokens"] >= 3 for entry in entries)
    assert team.standing()["held_usd"] == "0"


def test_a_cancelled_task_settles(url, token, team, provider):
    async def run():
        async with purser.AsyncClient(url, token, team.name) as client:
            wrapped = openai_client(provider, client, openai.AsyncOpenAI, timeout=10)
            ask = [{"role": "user", "content": "fault=drip say=200"}]

            async def read():
                async for _ in await wrapped.chat.completions.create(model="gpt-4o", messages=ask, stream=True):
                    pass

            async def wait():
                await wrapped.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "fault=slow"}])

            tasks = [asyncio.create_task(read()), asyncio.create_task(wait())]
            await asyncio.sleep(0.7)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.flush(5)

    team.budget(1)
    asyncio.run(run())
    entries = team.entries()
    assert [entry["status"] for entry in entries] == ["cancelled"] * 2
    assert sorted("output_tokens" in entry["usage"] for entry in entries) == [False, True]
    assert team.standing()["held_usd"] == "0"


# Errors of the provider -----------------------------------------------------------------------------------------------


def test_the_sdk_retries_within_one_hold(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client)
    for status in (429, 500):
        ask = [{"role": "user", "content": f"fault={status} times=2 key={team.name}x{status}"}]
        wrapped.chat.completions.create(model="gpt-4o", messages=ask)
    assert len(provider.requests) == 6
    agrees(client, team, provider, 2)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_call_that_the_provider_refuses_costs_nothing(status, client, team, provider):
    team.budget(1)
    ask = [{"role": "user", "content": f"fault={status}"}]
    with pytest.raises(openai.APIStatusError):
        openai_client(provider, client).with_options(max_retries=0).chat.completions.create(model="gpt-4o", messages=ask)
    with pytest.raises(anthropic.APIStatusError):
        anthropic_client(provider, client).with_options(max_retries=0).messages.create(model="claude-opus-4-5", messages=ask, max_tokens=9)
    agrees(client, team, provider, 0)


def test_a_timeout_costs_the_input(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client).with_options(timeout=0.3, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        wrapped.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "fault=slow"}])
    client.queue.flush(5)
    [entry] = team.entries()
    assert entry["status"] == "timeout" and entry["usage"]["input_tokens"] > 0 and team.standing()["held_usd"] == "0"


def test_a_provider_that_is_not_there_costs_nothing(client, team, provider):
    team.budget(1)
    nowhere = purser.wrap(openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0), client)
    with pytest.raises(openai.APIConnectionError):
        nowhere.chat.completions.create(model="gpt-4o", messages=HELLO)
    agrees(client, team, provider, 0)


# Whose call it is -----------------------------------------------------------------------------------------------------


def test_attribution_comes_from_the_nearest_place(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client, feature="usual", tags={"env": "prod"})
    with purser.attribution(feature="inner", run="run-7"):
        wrapped.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers={"x-purser-user": "ada", "x-mine": "1"})
        wrapped.chat.completions.create(model="gpt-4o", messages=HELLO, extra_body={"purser": {"feature": "own"}, "seed": 4})
    wrapped.chat.completions.create(model="gpt-4o", messages=HELLO)
    entries = agrees(client, team, provider, 3)
    assert [(entry.get("feature"), entry.get("run"), entry.get("user")) for entry in sorted(entries, key=lambda e: int(e["entry_id"]))] == [
        ("inner", "run-7", "ada"), ("own", "run-7", None), ("usual", None, None)]
    assert all(entry["tags"] == {"env": "prod"} for entry in entries)
    for request in provider.requests:
        assert "purser" not in request["body"] and not any(name.lower().startswith("x-purser") for name in request["headers"])
    assert provider.requests[0]["headers"]["x-mine"] == "1" and provider.requests[1]["body"]["seed"] == 4


def test_a_stored_response_counts_as_input(client, team, provider, caplog):
    team.budget(1)
    wrapped = openai_client(provider, client)
    first = wrapped.responses.create(model="gpt-4o", input="hello " * 500)
    held = []
    opening = client.open
    client.open = lambda request: held.append(request.input_tokens) or opening(request)
    wrapped.responses.create(model="gpt-4o", input="and then?", previous_response_id=first.id)
    assert held[0] >= first.usage.total_tokens and not caplog.records
    wrapped.responses.create(model="gpt-4o", input="and then?", previous_response_id="resp_unknown")
    assert "cannot see" in caplog.text


def test_what_cannot_be_metered_is_refused_or_told(client, team, provider, caplog):
    team.budget(1)
    wrapped = openai_client(provider, client)
    with pytest.raises(TypeError, match="with_streaming_response"):
        with wrapped.chat.completions.with_streaming_response.create(model="gpt-4o", messages=HELLO):
            pass
    with pytest.raises(openai.NotFoundError):
        wrapped.images.generate(prompt="a coin")
    assert "not metered" in caplog.text
    with pytest.raises(TypeError, match="wrap takes"):
        purser.wrap(object(), client)
