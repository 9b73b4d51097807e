"""The google-genai package from PyPI, against the simulator."""

import asyncio
import base64

import pydantic
import pytest
from google import genai
from google.genai import errors, types
from harness import MODEL, TOKEN, poll

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def client_of(gateway, version="v1beta", token=TOKEN, base=""):
    return genai.Client(
        api_key=token,
        http_options=types.HttpOptions(base_url=gateway.url + base, api_version=version),
    )


@pytest.fixture
def client(gateway):
    return client_of(gateway)


@pytest.mark.parametrize("version", ["v1beta", "v1"])
@pytest.mark.parametrize("base", ["", "/gemini"])
def test_base_urls_and_versions(gateway, version, base):
    client = client_of(gateway, version, base=base)
    assert client.models.generate_content(model=MODEL, contents="Say hello.").text
    assert any(model.name == "models/" + MODEL for model in client.models.list())


def test_generate(client):
    answer = client.models.generate_content(
        model=MODEL,
        contents="Say hello.",
        config=types.GenerateContentConfig(
            system_instruction="Be brief.", temperature=0.3, max_output_tokens=500, seed=7, stop_sequences=["END"]
        ),
    )
    assert answer.text and answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata.total_token_count > 0 and answer.model_version


def test_stream(client):
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Tell me a long story."))
    assert len(chunks) >= 3 and len("".join(chunk.text or "" for chunk in chunks)) > 20
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count > 0


def test_count_tokens(client):
    assert client.models.count_tokens(model=MODEL, contents="How many are these?").total_tokens > 0


def test_models(client):
    model = client.models.get(model=MODEL)
    assert model.name == "models/" + MODEL and model.input_token_limit > 1000
    pager = client.models.list(config={"page_size": 2})
    assert len(pager.page) == 2 and len(list(pager)) > 2, "pages follow each other"


def test_functions_are_called_automatically(client):
    called = []

    def get_weather(city: str) -> str:
        """The weather in a city."""
        called.append(city)
        return "sunny"

    answer = client.models.generate_content(
        model=MODEL,
        contents="What is the weather in Paris? Use the tool.",
        config=types.GenerateContentConfig(tools=[get_weather]),
    )
    assert called and answer.text


def test_parallel_functions(client):
    declarations = [
        types.FunctionDeclaration(
            name=name,
            description=f"The {name} in a city.",
            parameters_json_schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        )
        for name in ("get_weather", "get_time")
    ]
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=declarations)],
        tool_config=types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode="ANY")),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    prompt = "Call both tools at once, for Paris and Tokyo: get_weather and get_time. Use parallel calls."
    contents = [types.Content(role="user", parts=[types.Part.from_text(text=prompt)])]
    answer = client.models.generate_content(model=MODEL, contents=contents, config=config)
    calls = answer.function_calls
    assert len(calls) >= 2, calls
    # The model's turn goes back with all that it held (signatures among them).
    contents.append(answer.candidates[0].content)
    contents.append(
        types.Content(
            role="user",
            parts=[
                types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response={"result": "fine"}))
                for call in calls
            ],
        )
    )
    config.tool_config = None
    assert client.models.generate_content(model=MODEL, contents=contents, config=config).text


def test_images(client, simulator):
    answer = client.models.generate_content(
        model=MODEL, contents=["What do you see?", types.Part.from_bytes(data=PIXEL, mime_type="image/png")]
    )
    assert answer.text
    assert "image/png" in str(simulator.requests()[-1])


class Star(pydantic.BaseModel):
    name: str
    magnitude: float
    companions: list[str]


def test_structured_output(client):
    answer = client.models.generate_content(
        model=MODEL,
        contents="Describe the star Wasat.",
        config=types.GenerateContentConfig(response_mime_type="application/json", response_schema=Star),
    )
    assert isinstance(answer.parsed, Star)


def test_thoughts(client):
    answer = client.models.generate_content(
        model=MODEL,
        contents="Think hard: why is the sky dark at night?",
        config=types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)),
    )
    parts = answer.candidates[0].content.parts
    assert any(part.thought for part in parts) and answer.text
    assert answer.usage_metadata.thoughts_token_count > 0


def test_a_chat_keeps_its_history(client, simulator):
    chat = client.chats.create(model=MODEL)
    assert chat.send_message("My name is Delta.").text
    assert chat.send_message("What is my name?").text
    assert "Delta" in str(simulator.requests()[-1])


def test_errors_are_typed(gateway, simulator, client):
    nobody = client_of(gateway, token="nobody")
    with pytest.raises(errors.ClientError) as caught:
        nobody.models.generate_content(model=MODEL, contents="Hi.")
    assert caught.value.code == 401 and caught.value.status == "UNAUTHENTICATED"
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model="gemini-0.1-abacus", contents="Hi.")
    assert caught.value.code == 404 and caught.value.status == "NOT_FOUND"
    simulator.fault("quota-minute")
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=MODEL, contents="Hi.")
    assert caught.value.code == 429 and caught.value.status == "RESOURCE_EXHAUSTED"


def test_an_error_in_the_middle_of_a_stream_is_raised(client, simulator):
    simulator.fault("error-event")
    with pytest.raises(errors.APIError):
        for _ in client.models.generate_content_stream(model=MODEL, contents="A story."):
            pass


def test_abort_in_the_middle_reaches_the_simulator(client, simulator):
    simulator.fault("slow", ms=200)
    stream = client.models.generate_content_stream(model=MODEL, contents="A long story.")
    next(stream)
    stream.close()
    client.close()
    poll("the cancelled request", lambda: [r for r in simulator.requests() if r["ending"] == "client_left"])


def test_many_at_once(gateway):
    async def run():
        client = client_of(gateway)

        async def one(number):
            stream = await client.aio.models.generate_content_stream(model=MODEL, contents=f"Story number {number}.")
            return "".join([chunk.text or "" async for chunk in stream])

        return await asyncio.gather(*(one(number) for number in range(40)))

    assert all(asyncio.run(run()))
