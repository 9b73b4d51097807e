// The simulator's answers have the form of recorded ones: every member that it
// sends stands, with the same type, in some recording of the real service.

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/recordings_test.h"
#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

using Shape = std::set<std::string>;

std::string_view type_name(json::Value value) {
  switch (value.type()) {
    case json::Type::kNull:
      return "null";
    case json::Type::kBool:
      return "bool";
    case json::Type::kNumber:
      return "number";
    case json::Type::kString:
      return "string";
    case json::Type::kArray:
      return "array";
    case json::Type::kObject:
      return "object";
    case json::Type::kAbsent:
      break;
  }
  return "absent";
}

// "candidates[].content.parts[].text: string". What functions are given is free.
void add_shape(json::Value value, const std::string& path, Shape& shape) {
  if (!value.is_array() || path.empty()) shape.insert(path + ": " + std::string(type_name(value)));
  if (path.ends_with("functionCall.args") || path.ends_with("metadata")) return;
  for (const json::Value child : value) {
    if (value.is_array()) {
      add_shape(child, path + "[]", shape);
    } else {
      add_shape(child, path + (path.empty() ? "" : ".") + std::string(child.key()), shape);
    }
  }
}

bool is_gemini(json::Value value) {
  for (const char* name : {"candidates", "promptFeedback", "usageMetadata", "models", "embedding",
                           "embeddings", "totalTokens", "error"}) {
    if (value[name]) return true;
  }
  return false;
}

void add_recording(std::string_view text, Shape& shape) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(buffer->padded());
  if (!root) return;
  if (is_gemini(*root)) return add_shape(*root, "", shape);
  for (const json::Value element : *root) {
    if (is_gemini(element)) add_shape(element, "", shape);  // streamed arrays, wrapped errors
    const json::Value body = element["response"]["body"];
    if (body.is_object()) add_shape(body, "", shape);  // cassettes
    for (const json::Value chunk : body) {
      if (body.is_array() && is_gemini(chunk)) add_shape(chunk, "", shape);
    }
  }
}

Shape recorded() {
  Shape shape;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(wasat::test::recordings_folder())) {
    const std::string path = entry.path().string();
    if (!entry.is_regular_file() || path.find("openai-anthropic") != std::string::npos ||
        path.find("interactions") != std::string::npos) {
      continue;
    }
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    add_recording(text.view(), shape);
    for (std::string line; std::getline(text, line);) {  // events and chunks
      if (line.starts_with("data: ")) line.erase(0, 6);
      if (line.starts_with('{')) add_recording(line, shape);
    }
  }
  return shape;
}

// What the protocol's description has and no recording happens to show.
const Shape kKnown = {
    "candidates[].logprobsResult: object",
    "candidates[].logprobsResult.chosenCandidates[]: object",
    "candidates[].logprobsResult.chosenCandidates[].token: string",
    "candidates[].logprobsResult.chosenCandidates[].tokenId: number",
    "candidates[].logprobsResult.chosenCandidates[].logProbability: number",
    "candidates[].logprobsResult.topCandidates[]: object",
    "candidates[].logprobsResult.topCandidates[].candidates[]: object",
    "candidates[].logprobsResult.topCandidates[].candidates[].token: string",
    "candidates[].logprobsResult.topCandidates[].candidates[].tokenId: number",
    "candidates[].logprobsResult.topCandidates[].candidates[].logProbability: number",
    "candidates[].content.parts[].functionCall.id: string",
    "embedding: object",
    "embedding.values[]: number",
    "error.details[].violations[].quotaValue: string",
};

class SimulatorForms : public SimulatorTest {};

TEST_F(SimulatorForms, EveryMemberIsKnownFromRecordings) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  Shape real = recorded();
  ASSERT_GT(real.size(), 100u);
  real.insert(kKnown.begin(), kKnown.end());
  const std::string everything =
      R"({"contents":[{"parts":[{"text":"The weather in Paris"},{"inlineData":)"
      R"({"mimeType":"image/png","data":"AA=="}}]}],"tools":[{"googleSearch":{}},)"
      R"({"codeExecution":{}}],"generationConfig":{"responseLogprobs":true,"candidateCount":2,)"
      R"("thinkingConfig":{"includeThoughts":true}}})";
  const std::string tools = R"({"contents":[{"parts":[{"text":"The weather in Paris"}]}],"tools":[)"
                            R"({"functionDeclarations":[{"name":"get_weather"}]}]})";
  const std::string latest = "/v1beta/models/gemini-3.6-flash:";
  std::vector<Ask> asks = {
      {.target = kUnary, .body = everything},
      {.target = kStream, .body = everything},
      {.target = latest + "generateContent", .body = tools},
      {.target = latest + "streamGenerateContent?alt=sse", .body = tools},
      {.target = latest + "streamGenerateContent?alt=sse", .body = everything},
      {.target = "/v1beta/models/gemini-3.1-flash-image:generateContent"},
      {.target = "/v1beta/models/gemini-2.5-flash-preview-tts:generateContent"},
      {.target = kUnary, .body = R"({"contents":[],"x":1})"},
      {.target = kUnary, .key = ""},
      {.target = "/v1beta/models", .method = "GET"},
      {.target = kUnary.substr(0, kUnary.find(':')) + ":countTokens"},
      {.target = "/v1beta/models/gemini-embedding-2:batchEmbedContents",
       .body = R"({"requests":[{"model":"models/gemini-embedding-2","content":)"
               R"({"parts":[{"text":"a"}]}}]})"},
      {.target = "/v1beta/models/gemini-embedding-001:embedContent",
       .body = R"({"content":{"parts":[{"text":"a"}]}})"},
  };
  for (const FaultRow& row : faults()) {
    const bool answers = row.fault < Fault::kEarly || row.fault >= Fault::kBlocked;
    if (answers) asks.push_back({.target = kUnary, .key = "sim-" + std::string(row.name)});
  }
  for (const Answered& answered : ask_all(asks)) {
    Shape ours;
    if (answered.content_type == "text/event-stream") {
      for (const std::string& event : events(answered.body)) add_shape(*Parsed(event), "", ours);
    } else if (answered.content_type.starts_with("application/json")) {
      add_shape(*Parsed(answered.body), "", ours);
    }
    for (const std::string& member : ours) {
      EXPECT_TRUE(real.contains(member)) << member << "\n" << answered.body.substr(0, 1500);
    }
  }
}

}  // namespace
}  // namespace wasat::simulator::test
