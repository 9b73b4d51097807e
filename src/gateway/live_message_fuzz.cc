// A Live session's first message: no input crashes; with a model in it, what goes
// upstream is JSON and names the model that the alias stands for.

#include <cstdlib>

#include "gateway/live_message.h"
#include "json/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace wasat;
  static const gemini::ModelAliases aliases({{"talk*", "gemini-2.0-flash-live-001"}});
  const std::shared_ptr<Buffer> message =
      Buffer::copy_of({reinterpret_cast<const char*>(data), size});
  (void)gateway::may_tell_usage(message->view());
  (void)gateway::read_live_usage(message->padded());
  const Result<gateway::LiveSetup> setup = gateway::read_live_setup(message->padded(), aliases);
  if (!setup) return 0;
  const std::shared_ptr<Buffer> sent = Buffer::copy_of(setup->message);
  json::Document document;
  const Result<json::Value> root = document.parse(sent->padded());
  if (!root || !(*root)["setup"].is_object()) std::abort();
  if (setup->model.empty()) {
    if (setup->message != message->view()) std::abort();
  } else if ((*root)["setup"]["model"].string_or("") !=
             gemini::model_resource(setup->upstream_model)) {
    std::abort();
  }
  return 0;
}
