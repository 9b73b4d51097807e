#include "simulator/resources/batches.h"

#include <utility>

#include "gemini/model_names.h"
#include "gemini/resource_names.h"
#include "json/writer.h"
#include "simulator/fields.h"

namespace wasat::simulator {

Outcome create_batch(const Asked& asked) {
  Holding batch = asked.made(asked.holdings.new_name("batches/"));
  batch.display_name = field(asked.body["batch"], "displayName").string_or("");
  const json::Value input = field(asked.body["batch"], "inputConfig");
  json::Writer writer(batch.result);
  writer.begin_object().member(
      "@type", "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch");
  if (field(input, "fileName")) {
    Holding answers = asked.made(asked.holdings.new_name("files/batch-"));
    answers.mime_type = "application/jsonl";
    answers.size = 1000;
    answers.generated = true;
    writer.member("responsesFile", answers.name);
    asked.holdings.put(std::move(answers));
  } else {
    writer.key("inlinedResponses").begin_object().key("inlinedResponses").begin_array();
    for (std::size_t i = 0; i < input["requests"]["requests"].size(); ++i) {
      writer.raw(R"({"response":{"candidates":[{"content":{"parts":[{"text":"Done."}],)"
                 R"("role":"model"},"finishReason":"STOP","index":0}]}})");
    }
    writer.end_array().end_object();
  }
  writer.end_object();
  json::Writer(batch.json).string(gemini::model_resource(gemini::clean_model_name(asked.rest)));
  return asked.keep(std::move(batch));
}

std::string batch_json(const Holding& batch) {
  const bool done = batch.polls > 1;
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("name", batch.name).key("metadata").begin_object();
  writer.member_raw("model", batch.json)
      .member("displayName", batch.display_name)
      .member("name", batch.name)
      .member("createTime", time_text(batch.made))
      .member("state", done ? "BATCH_STATE_SUCCEEDED" : "BATCH_STATE_PENDING");
  if (done) writer.member_raw("output", batch.result);
  writer.end_object();
  if (done) writer.member("done", true).member_raw("response", batch.result);
  writer.end_object();
  return out;
}

}  // namespace wasat::simulator
