"""The openai package from PyPI, against the simulator."""

import asyncio
import json

import openai
import pydantic
import pytest
from harness import MODEL, TOKEN, poll

PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
    },
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "description": "The time in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def ask(text):
    return [{"role": "user", "content": text}]


@pytest.fixture
def client(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)


@pytest.mark.parametrize("base", ["/v1", "/openai/v1", "/v1beta/openai", "/hf/v1", "/v1/"])
def test_base_urls(gateway, base):
    client = openai.OpenAI(base_url=gateway.url + base, api_key=TOKEN, max_retries=0)
    answer = client.chat.completions.create(model=MODEL, messages=ask("Say hello."))
    assert answer.choices[0].message.content
    assert any(model.id == MODEL for model in client.models.list())


def test_chat(client):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": "Be brief."}, *ask("Say hello.")],
        temperature=0.3,
        max_completion_tokens=500,
        stop=["END"],
        seed=7,
    )
    choice = answer.choices[0]
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert answer.model == MODEL and answer.created > 1_700_000_000
    assert choice.index == 0 and choice.finish_reason == "stop" and choice.message.role == "assistant"
    assert choice.message.content and choice.message.tool_calls is None
    usage = answer.usage
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_stream(client):
    chunks = list(
        client.chat.completions.create(
            model=MODEL,
            messages=ask("Tell me a long story."),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert len({chunk.id for chunk in chunks}) == 1 and len({chunk.created for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len(text) > 20
    finishes = [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason]
    assert finishes == ["stop"]
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 0
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len(chunks) >= 4, "it came in pieces"


def test_no_usage_chunk_unless_asked_for(client):
    chunks = list(client.chat.completions.create(model=MODEL, messages=ask("Hi."), stream=True))
    assert all(chunk.choices for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
def test_tools_there_and_back(client, stream):
    messages = ask("What is the weather in Paris? Use the tool.")
    message = converse(client, messages, stream, tools=[WEATHER], tool_choice="required")
    call = message["tool_calls"][0]
    assert message["finish_reason"] == "tool_calls"
    assert call["type"] == "function" and call["id"] and call["function"]["name"] == "get_weather"
    assert "city" in json.loads(call["function"]["arguments"])
    messages.append({key: value for key, value in message.items() if key != "finish_reason"})
    for call in message["tool_calls"]:
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": '{"celsius": 21}'})
    answer = converse(client, messages, stream, tools=[WEATHER])
    assert answer["finish_reason"] == "stop" and answer["content"]


def converse(client, messages, stream, **options):
    """One turn; streamed ones are put together by the SDK's own accumulator."""
    if stream:
        with client.chat.completions.stream(model=MODEL, messages=messages, **options) as events:
            for _ in events:
                pass
            completion = events.get_final_completion()
    else:
        completion = client.chat.completions.create(model=MODEL, messages=messages, **options)
    choice = completion.choices[0]
    message = choice.message.model_dump(exclude_none=True)
    message.pop("parsed", None)
    for call in message.get("tool_calls", ()):
        call.pop("index", None)
        call["function"].pop("parsed_arguments", None)
    return {**message, "finish_reason": choice.finish_reason}


@pytest.mark.parametrize("stream", [False, True])
def test_parallel_tools(client, stream):
    message = converse(
        client,
        ask("Call both tools at once, for Paris and Tokyo: get_weather and get_time. Use parallel calls."),
        stream,
        tools=[WEATHER, TIME],
        tool_choice="required",
        parallel_tool_calls=True,
    )
    calls = message["tool_calls"]
    assert len(calls) >= 2, calls
    assert len({call["id"] for call in calls}) == len(calls)
    for call in calls:
        json.loads(call["function"]["arguments"])


def test_a_named_tool_and_no_tool(client):
    message = converse(
        client,
        ask("What time is it in Rome?"),
        False,
        tools=[WEATHER, TIME],
        tool_choice={"type": "function", "function": {"name": "get_time"}},
    )
    assert {call["function"]["name"] for call in message["tool_calls"]} == {"get_time"}
    message = converse(client, ask("Weather in Rome?"), False, tools=[WEATHER], tool_choice="none")
    assert "tool_calls" not in message and message["content"]


def test_images_as_data_urls(client, simulator):
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What do you see?"},
                    {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
                ],
            }
        ],
    )
    assert answer.choices[0].message.content
    sent = json.dumps(simulator.requests()[-1])
    assert "inlineData" in sent and "image/png" in sent and PIXEL.split(",")[1][:40] in sent


class Star(pydantic.BaseModel):
    name: str
    magnitude: float
    companions: list[str]
    visible: bool


def test_structured_output(client):
    answer = client.chat.completions.parse(
        model=MODEL, messages=ask("Describe the star Wasat."), response_format=Star
    )
    assert isinstance(answer.choices[0].message.parsed, Star)


def test_json_mode(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=ask("JSON please."), response_format={"type": "json_object"}
    )
    json.loads(answer.choices[0].message.content)


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning(client, stream):
    options = dict(model=MODEL, messages=ask("Think hard: why is the sky dark at night?"), reasoning_effort="high")
    if stream:
        thought = answer = ""
        usage = None
        for chunk in client.chat.completions.create(
            **options, stream=True, stream_options={"include_usage": True}
        ):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                thought += getattr(choice.delta, "reasoning_content", None) or ""
                answer += choice.delta.content or ""
    else:
        completion = client.chat.completions.create(**options)
        message = completion.choices[0].message
        thought, answer, usage = message.reasoning_content, message.content, completion.usage
    assert thought and answer and thought not in answer
    assert 0 < usage.completion_tokens_details.reasoning_tokens <= usage.completion_tokens


def test_errors_are_typed(gateway, servers, simulator, client):
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=gateway.url + "/v1", api_key="nobody", max_retries=0).models.list()
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gemini-0.1-abacus", messages=ask("Hi."))
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=[])
    assert caught.value.param and caught.value.type == "invalid_request_error"
    simulator.fault("too-long", times=1)
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=ask("Hi."))
    assert caught.value.code == "context_length_exceeded"
    simulator.no_faults()
    simulator.fault("quota-minute")
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=MODEL, messages=ask("Hi."))
    assert int(caught.value.response.headers["retry-after"]) > 0


def test_upstream_failures_are_server_errors(servers, simulator):
    gateway = servers.gateway(simulator, MAX_RETRIES="1")
    client = openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)
    for fault in ("internal", "overloaded", "garbage"):
        simulator.no_faults()
        simulator.fault(fault)
        with pytest.raises((openai.InternalServerError, openai.RateLimitError)):
            client.chat.completions.create(model=MODEL, messages=ask("Hi."))


def test_an_error_in_the_middle_of_a_stream_is_raised(client, simulator):
    simulator.fault("error-event")
    with pytest.raises(openai.APIError):
        for _ in client.chat.completions.create(model=MODEL, messages=ask("A story."), stream=True):
            pass


def test_abort_in_the_middle_reaches_the_simulator(client, simulator):
    simulator.fault("slow", ms=200)
    stream = client.chat.completions.create(model=MODEL, messages=ask("A long story."), stream=True)
    next(iter(stream))
    stream.close()

    def left():
        return [r for r in simulator.requests() if r["ending"] == "client_left"]

    poll("the cancelled request", left)


def test_models(client):
    models = list(client.models.list())
    assert any(model.id == MODEL for model in models)
    assert all(model.object == "model" and model.owned_by and model.created is not None for model in models)
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gemini-0.1-abacus")


def test_the_name_that_was_asked_for_comes_back(client):
    for name in ("models/" + MODEL, "google/" + MODEL):
        assert client.chat.completions.create(model=name, messages=ask("Hi.")).model == name


def test_many_at_once(gateway):
    async def run():
        async with openai.AsyncOpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0) as client:

            async def one(number):
                stream = await client.chat.completions.create(
                    model=MODEL, messages=ask(f"Story number {number}."), stream=True
                )
                return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

            return await asyncio.gather(*(one(number) for number in range(40)))

    assert all(asyncio.run(run()))


def test_logprobs(client):
    answer = client.chat.completions.create(
        model=MODEL, messages=ask("Hi."), logprobs=True, top_logprobs=2
    )
    tokens = answer.choices[0].logprobs.content
    assert tokens and all(token.logprob <= 0 and len(token.top_logprobs) <= 2 for token in tokens)
