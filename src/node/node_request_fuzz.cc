// A relay's message, and the path in it: whatever a relay sends, what goes to Gemini names a
// model and nothing else.

#include <cstdlib>

#include "node/message.h"
#include "node/target.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wasat;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::shared_ptr<Buffer> message = Buffer::copy_of(text);
  const node::Incoming incoming = node::read_message(message);
  const node::Request& request = incoming.request;
  if (incoming.kind != node::Incoming::Kind::kRequest) return 0;
  expect(!request.id.empty() && !request.path.empty());
  if (!request.body.empty()) {
    expect(request.body.data() >= message->data() &&
           request.body.data() + request.body.size() <= message->data() + message->size());
  }
  const std::optional<node::Target> target = node::read_target(request.method, request.path);
  if (!target) return 0;
  expect(target->path.starts_with("/v1"));
  expect(target->path.contains("/models") || target->path.contains("/tunedModels"));

  for (const char c : target->path) expect(c > ' ' && c < 127);

  if (target->all_pages) expect(node::page_path(*target, request.id).starts_with(target->path));
  return 0;
}
