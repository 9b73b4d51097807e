"""Live with the google-genai package, which speaks wss only: TLS ends at an nginx in
front, as in most deployments. And the gateway's own way to an upstream by TLS and proxy."""

import asyncio
import ssl

import pytest
from google import genai
from google.genai import errors, types
from harness import MODEL, TOKEN, poll
from test_live import converse, run, sessions
from test_neighbours import certificates, free_port, start, tinyproxy, tool  # noqa: F401 (fixtures)


def tls_front(start, folder, certificate, behind):
    """nginx that ends TLS and passes WebSockets on; its port."""
    port = free_port()
    conf = folder / f"front-{port}.conf"
    conf.write_text(
        f"""
        daemon off; worker_processes 1; pid {folder}/front-{port}.pid; error_log {folder}/front.log;
        events {{ }}
        http {{
          access_log off;
          client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
          fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
          map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
          server {{
            listen 127.0.0.1:{port} ssl;
            ssl_certificate {certificate}; ssl_certificate_key {certificate.with_suffix(".key")};
            location / {{
              proxy_pass http://127.0.0.1:{behind.port};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection $connection_upgrade;
            }}
          }}
        }}
        """
    )
    start([tool("nginx"), "-p", folder, "-c", conf, "-e", folder / "start.log"], port)
    return port


@pytest.fixture
def connect(gateway, start, tmp_path, certificates):
    """Opens a session: connect(MODEL, {...})."""
    certificate = certificates / "good.pem"
    port = tls_front(start, tmp_path, certificate, gateway)
    context = ssl.create_default_context(cafile=certificate)
    client = genai.Client(
        api_key=TOKEN,
        http_options=types.HttpOptions(
            base_url=f"https://localhost:{port}",
            api_version="v1beta",
            async_client_args={"ssl": context, "verify": context},
        ),
    )
    return client.aio.live.connect


def test_text(connect):
    async def session():
        async with connect(model=MODEL, config={"response_modalities": ["TEXT"]}) as live:
            for said in ("Hello there.", "And again."):
                await live.send_client_content(
                    turns={"role": "user", "parts": [{"text": "exactly: " + said}]}, turn_complete=True
                )
                text, usage = "", None
                async for message in live.receive():
                    text += message.text or ""
                    usage = message.usage_metadata or usage
                assert text == said and usage.total_token_count > 0

    run(session())


def test_sound(connect):
    config = {"response_modalities": ["AUDIO"], "output_audio_transcription": {}}

    async def session():
        async with connect(model="gemini-2.5-flash-native-audio-preview-09-2025", config=config) as live:
            for _ in range(20):
                await live.send_realtime_input(audio=types.Blob(data=b"\0" * 1280, mime_type="audio/pcm;rate=16000"))
            await live.send_realtime_input(audio_stream_end=True)
            sound, text = b"", ""
            async for message in live.receive():
                sound += message.data or b""
                transcription = message.server_content and message.server_content.output_transcription
                text += transcription.text if transcription else ""
            assert len(sound) > 1000 and "25600 bytes" in text

    run(session())


def test_tools(connect):
    declared = {"name": "get_weather", "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}}
    config = {"response_modalities": ["TEXT"], "tools": [{"function_declarations": [declared]}]}

    async def session():
        async with connect(model=MODEL, config=config) as live:
            await live.send_client_content(
                turns={"role": "user", "parts": [{"text": "What is the weather in Paris?"}]}, turn_complete=True
            )
            asked = []
            async for message in live.receive():
                asked += message.tool_call.function_calls if message.tool_call else []
            assert asked[0].name == "get_weather"
            await live.send_tool_response(
                function_responses=[
                    types.FunctionResponse(id=asked[0].id, name=asked[0].name, response={"sky": "blue"})
                ]
            )
            text = ""
            async for message in live.receive():
                text += message.text or ""
            assert "blue" in text

    run(session())


def test_an_error_has_googles_code(connect):
    async def session():
        with pytest.raises(errors.APIError) as refused:
            async with connect(model="no-such-model"):
                pass
        assert "not found" in str(refused.value)

    run(session())


def test_several_sessions_at_once(connect, simulator):
    async def session(said):
        async with connect(model=MODEL, config={"response_modalities": ["TEXT"]}) as live:
            await live.send_realtime_input(text="exactly: " + said)
            text = ""
            async for message in live.receive():
                text += message.text or ""
            assert text == said

    async def several():
        await asyncio.gather(*(session(f"Session {i}.") for i in range(8)))

    run(several())
    assert len(sessions(simulator)) == 8


@pytest.mark.parametrize("proxied", [False, True])
def test_a_tls_upstream_with_and_without_a_proxy(servers, simulator, start, tmp_path, certificates, proxied):
    certificate = certificates / "good.pem"
    port = tls_front(start, tmp_path, certificate, simulator)
    environment = {"SSL_CERT_FILE": str(certificate)}
    if proxied:
        proxy, log = tinyproxy(start, tmp_path)
        environment["PROXY_URL"] = f"http://127.0.0.1:{proxy}"
    gateway = servers.gateway(f"https://localhost:{port}", **environment)
    assert run(converse(gateway)) == "Hello."
    # Larger than a TLS record, and in pieces.
    text = "x" * 100_000
    assert run(converse(gateway, "exactly: " + text)) == text
    poll("the ends", lambda: all(each["ending"] == "answered" for each in sessions(simulator)))
    if proxied:
        assert "CONNECT" in log.read_text()
