#include "relay/message_reader.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "json/reader.h"
#include "relay/tell.h"

namespace wasat::relay {
namespace {

// The answer in a message may be nested as deeply as any other.
constexpr int kMostDepth = json::kMaxDepth + 2;

// "ping", "pong" and the like, which applets send as they please.
bool is_ping(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n\v\f");
  return begin != text.npos && (text[begin] == 'p' || text[begin] == 'P');
}

}  // namespace

void MessageReader::read(std::string_view bytes, bool first, bool last, NodeMessage& message,
                         NodeEvents& events) {
  message.listen(events);
  if (first) {
    message.start();
    road_ = Road::kGather;
    gathered_.reset();
    if (last && bytes.size() <= limits_.whole_message) {
      const std::shared_ptr<Buffer> whole = Buffer::copy_of(bytes);
      read_whole(whole->padded(), message);
      return;
    }
  }
  if (road_ == Road::kIgnore) return;
  const std::size_t size = (gathered_ == nullptr ? 0 : gathered_->size()) + bytes.size();
  if (size > limits_.whole_message) {
    gathered_.reset();
    road_ = Road::kIgnore;
    message.broken("a message that is too long");
    return;
  }
  gather(bytes);
  if (!last) return;
  const std::unique_ptr<Buffer> whole = std::move(gathered_);
  read_whole(whole->padded(), message);
}

void MessageReader::gather(std::string_view bytes) {
  if (gathered_ == nullptr) gathered_ = std::make_unique<Buffer>(bytes.size());
  const std::size_t size = gathered_->size();
  if (gathered_->capacity() < size + bytes.size()) {
    gathered_->reserve(std::max(size + bytes.size(), 2 * size));
  }
  std::memcpy(gathered_->data() + size, bytes.data(), bytes.size());
  gathered_->resize(size + bytes.size());
}

void MessageReader::read_whole(PaddedView text, NodeMessage& message) {
  if (is_ping(text.view())) return;
  static thread_local json::Document document;  // its memory serves the next message
  const Result<json::Value> root = document.parse(text, kMostDepth);
  if (!root || !root->is_object()) {
    message.broken(root ? "no JSON object" : "no JSON");
    return;
  }
  std::vector<PutOff> later;
  tell(Take::kEnter, 0, {}, *root, message, later);
  tell_later(later, message);
  message.ended();
}

}  // namespace wasat::relay
