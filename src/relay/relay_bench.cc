// What messages of nodes cost: a small answer, a batch, a long answer that is scanned; and
// what is sent to them.

#include <benchmark/benchmark.h>

#include <string>

#include "json/writer.h"
#include "relay/body_check.h"
#include "relay/protocol.h"

namespace {

using namespace wasat;
using namespace wasat::relay;

class Counted final : public NodeEvents {
 public:
  void began(std::string_view /*id*/, const Head& /*head*/) override {}
  void piece(std::string_view /*id*/, std::string_view bytes, bool /*last*/) override {
    size += bytes.size();
  }
  void ended(std::string_view /*id*/) override {}
  void failed(std::string_view /*id*/, const Failure& /*failure*/) override {}
  void reply(std::string_view /*message*/) override {}
  void misunderstood(std::string_view why) override { problem = why; }

  std::size_t size = 0;
  std::string problem;
};

const std::string kChunk =
    R"({"candidates":[{"content":{"parts":[{"text":" a few words of an answer,\n as they come in one event"}],)"
    R"("role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":34,)"
    R"("totalTokenCount":46,"promptTokensDetails":[{"modality":"TEXT","tokenCount":12}]},)"
    R"("modelVersion":"gemini-2.5-flash","responseId":"l0kqaa3nIo2kvdIP4OTgyQE"})";
const std::string kId = R"({"id":"0b6f2c3e-8f1d-4a7e-9f50-2f6f1f3a9d11",)";

void read(benchmark::State& state, const std::string& message, std::size_t part,
          ProtocolLimits limits = {}, decltype(make_applet_protocol)* make = make_applet_protocol) {
  const std::unique_ptr<Protocol> protocol = make(limits);
  Counted counted;
  for (auto _ : state) {
    for (std::size_t at = 0; at < message.size(); at += part) {
      protocol->read(std::string_view(message).substr(at, part), at == 0,
                     at + part >= message.size(), counted);
    }
  }
  if (!counted.problem.empty()) state.SkipWithError(counted.problem.c_str());
  benchmark::DoNotOptimize(counted.size);
  state.SetBytesProcessed(static_cast<std::int64_t>(message.size()) * state.iterations());
}

constexpr std::size_t kFrame = std::size_t{64} * 1024;

const std::string kBatch = kId + R"("stream":true,"type":"batch","chunks":[)" + kChunk + "]}";

void BM_RelayReadBatch(benchmark::State& state) { read(state, kBatch, kFrame); }
BENCHMARK(BM_RelayReadBatch);

void BM_RelayScanBatch(benchmark::State& state) {
  read(state, kBatch, kFrame, {.whole_message = 0});
}
BENCHMARK(BM_RelayScanBatch);

void BM_RelayReadPayload200K(benchmark::State& state) {
  read(state, kId + R"("success":true,"payload":{"data":")" + std::string(200'000, 'A') + "\"}}",
       kFrame);
}
BENCHMARK(BM_RelayReadPayload200K);

void BM_RelayScanImage20M(benchmark::State& state) {
  read(state, kId + R"("success":true,"payload":{"data":")" + std::string(20u << 20, 'A') + "\"}}",
       kFrame);
}
BENCHMARK(BM_RelayScanImage20M);

void BM_RelayScanChunks4M(benchmark::State& state) {
  std::string message = kId + R"("stream":true,"type":"batch","chunks":[)" + kChunk;
  while (message.size() < 4u << 20) message += "," + kChunk;
  read(state, message + "]}", kFrame);
}
BENCHMARK(BM_RelayScanChunks4M);

void BM_RelayScanNumbers4M(benchmark::State& state) {
  std::string message = kId + R"("success":true,"payload":{"embedding":{"values":[0)";
  while (message.size() < 4u << 20) message += ",-0.012345678";
  read(state, message + "]}}}", kFrame);
}
BENCHMARK(BM_RelayScanNumbers4M);

std::string escaped(const std::string& text) {
  std::string string;
  json::append_string(string, text);
  return string;
}

// An HTTP body as a string: events, in which much is escaped, and a picture.
void BM_RelayReadEvent(benchmark::State& state) {
  read(state,
       R"({"data":)" + escaped("data: " + kChunk + "\r\n\r\n") +
           R"(,"event_type":"chunk","request_id":"0b6f2c3e-8f1d-4a7e-9f50-2f6f1f3a9d11"})",
       kFrame, {}, make_event_protocol);
}
BENCHMARK(BM_RelayReadEvent);

void BM_RelayScanEscapedBody4M(benchmark::State& state) {
  std::string body = kChunk;
  while (body.size() < 4u << 20) body += ",\n" + kChunk;
  read(state,
       kId + R"("type":"http_response","payload":{"status":200,"headers":{},"body":)" +
           escaped(body) + "}}",
       kFrame, {}, make_envelope_protocol);
}
BENCHMARK(BM_RelayScanEscapedBody4M);

void write(benchmark::State& state, Protocol& protocol, const std::string& text) {
  const Body body = Body::of(text);
  for (auto _ : state) {
    const std::unique_ptr<OutgoingMessage> message =
        protocol.request({.id = "0b6f2c3e-8f1d-4a7e-9f50-2f6f1f3a9d11",
                          .method = "POST",
                          .path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
                          .query = "alt=sse",
                          .stream = true,
                          .body = &body});
    std::size_t size = 0;
    for (std::string_view piece = message->next(); !piece.empty(); piece = message->next()) {
      size += piece.size();
      benchmark::DoNotOptimize(piece.data());
    }
    benchmark::DoNotOptimize(size);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void BM_RelayWriteRequest1K(benchmark::State& state) {
  write(state, *make_applet_protocol(),
        R"({"contents":[{"parts":[{"text":")" + std::string(1000, 'x') + R"("}],"role":"user"}]})");
}
BENCHMARK(BM_RelayWriteRequest1K);

void BM_RelayWriteRequest20M(benchmark::State& state) {
  write(state, *make_applet_protocol(), "\"" + std::string(20u << 20, 'x') + "\"");
}
BENCHMARK(BM_RelayWriteRequest20M);

void BM_RelayWriteString20M(benchmark::State& state) {
  write(state, *make_envelope_protocol(), "\"" + std::string(20u << 20, 'x') + "\"");
}
BENCHMARK(BM_RelayWriteString20M);

void BM_RelayWriteEscapedString4M(benchmark::State& state) {
  std::string body = "[" + kChunk;
  while (body.size() < 4u << 20) body += ",\n" + kChunk;
  write(state, *make_envelope_protocol(), body + "]");
}
BENCHMARK(BM_RelayWriteEscapedString4M);

void BM_RelayCheckBody4M(benchmark::State& state) {
  std::string text = "[" + kChunk;
  while (text.size() < 4u << 20) text += ",\n" + kChunk;
  const Body body = Body::of(text + "]");
  for (auto _ : state) {
    if (BodyCheck(body).step(body.size()) != BodyCheck::State::kGood) state.SkipWithError("bad");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
}
BENCHMARK(BM_RelayCheckBody4M);

}  // namespace
