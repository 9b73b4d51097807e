#include "simulator/resources/interactions.h"

#include <utility>

#include "json/writer.h"

namespace wasat::simulator {
namespace {

std::string id_of(const Holding& interaction) {
  return interaction.name.substr(interaction.name.find('/') + 1);
}

Outcome as_events(const std::string& id, const std::string& compact) {
  Outcome outcome{.status = 200, .content_type = "text/event-stream", .frames = {}, .tail = {}};
  const auto event = [&outcome](std::string_view name, const std::string& data) {
    outcome.frames.push_back("event: " + std::string(name) + "\ndata: " + data + "\n\n");
  };
  event("interaction.created", R"({"interaction":{"id":")" + id +
                                   R"(","status":"in_progress","object":"interaction"},)"
                                   R"("event_type":"interaction.created"})");
  event("step.start", R"({"index":0,"step":{"type":"model_output"},"event_type":"step.start"})");
  event("step.delta", R"({"index":0,"delta":{"text":"Hello.","type":"text"},)"
                      R"("event_type":"step.delta"})");
  event("step.stop", R"({"index":0,"event_type":"step.stop"})");
  event("interaction.completed",
        R"({"interaction":)" + compact + R"(,"event_type":"interaction.completed"})");
  outcome.frames.push_back("data: [DONE]\n\n");
  return outcome;
}

}  // namespace

Outcome create_interaction(const Asked& asked) {
  Holding interaction = asked.made(asked.holdings.new_name("interactions/v1_"));
  json::Writer(interaction.json).string(asked.body["model"].string_or(""));
  const std::string id = id_of(interaction);
  const std::string compact = interaction_json(interaction);
  if (asked.body["store"].boolean().value_or(true)) asked.holdings.put(std::move(interaction));
  return asked.body["stream"].boolean().value_or(false) ? as_events(id, compact) : unary(compact);
}

std::string interaction_json(const Holding& interaction) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object()
      .member("id", id_of(interaction))
      .member("object", "interaction")
      .member("status", "completed")
      .member_raw("model", interaction.json)
      .member_raw("steps", R"([{"type":"model_output","content":[{"text":"Hello.",)"
                           R"("type":"text"}]}])")
      .end_object();
  return out;
}

}  // namespace wasat::simulator
