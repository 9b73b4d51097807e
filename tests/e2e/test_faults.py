"""Every fault that the simulator knows, through every door, and what must hold always."""

import json

import pytest
from harness import chat, generate, is_gemini_error, is_openai_error, sse_events

# Answers that are whole, though not what one hopes for.
WHOLE = {"drip", "slow", "huge", "blocked", "safety", "recitation", "max-tokens", "malformed-call"}
# The first request of a connection is not hit, and another attempt may do; some befall Live alone.
HARMLESS = {"close-reused", "live-quota", "live-close", "live-go-away"}
# The native dialect passes what the model said, where a client can see what is missing.
SAID = {("gemini", True): {"thoughts-only"}, ("gemini", False): {"thoughts-only", "no-reason"}}


def complete(events, dialect):
    """Whether a client would take this stream for a complete answer."""
    if dialect == "chat":
        return events[-1] == "[DONE]"
    last = json.loads(events[-1])
    return "error" not in last


@pytest.mark.parametrize("dialect", ["chat", "gemini"])
@pytest.mark.parametrize("stream", [False, True])
def test_no_fault_passes_for_a_complete_answer(servers, simulator, dialect, stream):
    fault_names = list(simulator.overview()["faults"])
    assert len(fault_names) > 30
    fine = WHOLE | HARMLESS | SAID.get((dialect, stream), set())
    wrong = {}
    for name in fault_names:
        # A gateway of its own, so that one fault's cooldown does not hide the next.
        simulator.no_faults()
        simulator.fault(name, ms=10 if name == "slow" else 60_000, bytes=100_000)
        fresh = servers.gateway(
            simulator, REQUEST_TIMEOUT="1", WASAT_STREAM_IDLE_TIMEOUT="1", MAX_RETRIES="1"
        )
        if dialect == "chat":
            answer = chat(fresh, "Tell me a story.", stream=stream)
        elif stream:
            answer = generate(fresh, "Tell me a story.", "streamGenerateContent", "?alt=sse")
        else:
            answer = generate(fresh, "Tell me a story.")
        problem = None
        if answer.status != 200:
            good = is_openai_error(answer) if dialect == "chat" else is_gemini_error(answer)
            problem = None if good else "not an error of the dialect"
            if name in WHOLE - {"blocked", "recitation", "malformed-call"}:
                problem = "should have been answered"
        elif stream:
            try:
                if complete(sse_events(answer.text), dialect) and name not in fine:
                    problem = "looks complete"
            except AssertionError as error:
                problem = f"torn: {error}"
        elif "error" in answer.json or name not in fine:
            problem = "200"
        if problem:
            wrong[name] = f"{problem}: {answer!r}"[:400]
        fresh.stop()
    assert not wrong, json.dumps(wrong, indent=1)
