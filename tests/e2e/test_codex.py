"""OpenAI's Codex (@openai/codex from npm), unmodified, with tasks that take tools."""

import json

import pytest
from clients import Home, codex
from test_genai_sdk import PIXEL

FREE = ("--json", "--dangerously-bypass-approvals-and-sandbox")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def call(name, **arguments):
    return {"functionCall": {"name": name, "args": arguments}}


def text(words):
    return {"text": words}


def items(ran, kind):
    return [line["item"] for line in ran.lines if line["type"] == "item.completed" and line["item"]["type"] == kind]


def said(ran):
    messages = items(ran, "agent_message")
    assert messages, ran
    return messages[-1]["text"]


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", pytest.param("gemini-2.5-pro", marks=pytest.mark.once)])
def test_a_task_with_tools(home, gateway, simulator, model):
    """Parallel calls, a file written by a command, its content read back."""
    (home.work / "star.txt").write_text("Wasat is Delta Geminorum.")
    steps = [
        {
            "parts": [
                {"thought": True, "text": "**Looking**\n\nBoth at once."},
                call("exec_command", cmd="cat star.txt"),
                call("exec_command", cmd="ls"),
            ]
        },
        {
            "expect": ["Delta Geminorum", "star.txt"],
            "parts": [text("Now I write it down."), call("exec_command", cmd="printf 'a naïve “note”' > note.txt")],
        },
        {"expect": "exited with code 0", "parts": [call("exec_command", cmd="cat note.txt")]},
        {"expect": "naïve", "cachedTokens": 1000, "parts": [text("All is done, says TASK-CODEX.")]},
    ]
    simulator.script("TASK-CODEX", steps, exact=True)
    ran = codex(home, gateway, "Do TASK-CODEX.", *FREE, model=model)
    assert ran.status == 0, ran
    assert said(ran) == "All is done, says TASK-CODEX."
    assert len(items(ran, "command_execution")) == 4, ran
    assert (home.work / "note.txt").read_text() == "a naïve “note”"
    usage = ran.lines[-1]["usage"]
    assert usage["cached_input_tokens"] == 1000 and usage["output_tokens"] > 0, "p56 cached tokens are told"
    assert all(request["status"] == 200 for request in simulator.requests())


@pytest.mark.once
def test_a_picture_goes_in(home, gateway, simulator):
    (home.work / "sky.png").write_bytes(PIXEL)
    simulator.script("TASK-PICTURE", [{"expect": "inlineData", "parts": [text("A pixel.")]}])
    ran = codex(home, gateway, "TASK-PICTURE", "-i", "sky.png", *FREE, "--")
    assert ran.status == 0 and said(ran) == "A pixel.", ran


@pytest.mark.once
def test_output_that_obeys_a_schema(home, gateway, simulator):
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "magnitude": {"type": "number"}},
        "required": ["name", "magnitude"],
        "additionalProperties": False,
    }
    (home.work / "schema.json").write_text(json.dumps(schema))
    simulator.script("TASK-SCHEMA", [{"parts": [text('{"name":"Wasat","magnitude":3.5}')]}])
    ran = codex(home, gateway, "TASK-SCHEMA", "--output-schema", "schema.json", *FREE)
    assert ran.status == 0 and json.loads(said(ran))["magnitude"] == 3.5, ran
    body = json.loads(simulator.requests()[-1]["body"])
    assert "responseJsonSchema" in body["generationConfig"] or "responseSchema" in body["generationConfig"]


@pytest.mark.once
def test_a_session_that_is_resumed(home, gateway, simulator):
    simulator.script("TASK-FIRST", [{"parts": [text("One.")]}, {"expect": "TASK-SECOND", "parts": [text("Two.")]}])
    assert said(codex(home, gateway, "TASK-FIRST", *FREE)) == "One."
    assert said(codex(home, gateway, "TASK-SECOND", *FREE, "resume", "--last")) == "Two."


@pytest.mark.once
def test_a_wrong_token_is_said(home, gateway, simulator):
    ran = codex(home, gateway, "Hi.", *FREE, token="nobody", more="")
    assert ran.status != 0 and "token" in ran.out, ran
    assert not simulator.requests()


@pytest.mark.once
def test_a_key_without_quota_is_not_noticed(home, gateway, simulator):
    simulator.fault("quota-day", {"key": "one"})
    simulator.script("GREETING", [{"parts": [text("fine")]}])
    assert said(codex(home, gateway, "GREETING", *FREE)) == "fine"


@pytest.mark.once
@pytest.mark.parametrize("fault", ["error-event", "torn", "no-reason"])
def test_p28_p29_a_stream_that_breaks_off_is_asked_for_again(home, gateway, simulator, fault):
    simulator.script("TASK-TORN", [{"parts": [text("This is the whole of the answer, and nothing of it is missing.")]}])
    simulator.fault(fault, times=1)
    ran = codex(home, gateway, "TASK-TORN", *FREE)
    assert ran.status == 0 and said(ran).endswith("nothing of it is missing."), ran
    assert len(simulator.requests()) == 2


@pytest.mark.once
def test_p60_a_prompt_that_is_too_long_is_said(home, gateway, simulator):
    simulator.fault("too-long")
    ran = codex(home, gateway, "Hi.", *FREE)
    assert ran.status != 0 and "room" in ran.out, ran
    assert len(simulator.requests()) == 1, "nothing to try again"
