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

// "ping", "pong" and the like, which applets send as they please. White space was trimmed.
bool is_ping(std::string_view text) { return text.starts_with('p') || text.starts_with('P'); }

std::string_view trimmed(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

}  // namespace

void MessageReader::read(std::string_view bytes, bool first, bool last, NodeMessage& message,
                         NodeEvents& events) {
  message.listen(events);
  if (first) {
    message.start();
    road_ = Road::kGather;
    gathered_.reset();
    scanner_.reset();
    if (last && bytes.size() <= limits_.whole_message) {
      const std::shared_ptr<Buffer> whole = Buffer::copy_of(bytes);
      read_whole(whole->padded(), message);
      return;
    }
  }
  if (road_ == Road::kGather) {
    const std::size_t size = (gathered_ == nullptr ? 0 : gathered_->size()) + bytes.size();
    if (size <= limits_.whole_message) {
      gather(bytes);
      if (!last) return;
      const std::unique_ptr<Buffer> whole = std::move(gathered_);
      read_whole(whole->padded(), message);
      return;
    }
    road_ = Road::kScan;
    is_blank_ = true;
    scanner_ = std::make_unique<MessageScanner>(kMostDepth, limits_.held);
    const std::unique_ptr<Buffer> before = std::move(gathered_);
    if (before != nullptr) scan(before->view(), message);
  }
  if (road_ == Road::kScan) scan(bytes, message);
  if (last && road_ == Road::kScan) scanner_->finish(message);
  if (last || road_ == Road::kIgnore) scanner_.reset();
}

void MessageReader::scan(std::string_view bytes, NodeMessage& message) {
  if (is_blank_) {
    bytes = trimmed(bytes);
    if (bytes.empty()) return;
    is_blank_ = false;
    if (is_ping(bytes)) road_ = Road::kIgnore;
  }
  if (road_ == Road::kScan && !scanner_->push(bytes, message)) road_ = Road::kIgnore;
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
  if (is_ping(trimmed(text.view()))) return;
  static thread_local json::Document document;  // its memory serves the next message
  const Result<json::Value> root = document.parse(text, kMostDepth);
  if (!root || !root->is_object()) {
    message.broken("no JSON object");
    return;
  }
  std::vector<PutOff> later;
  tell(Take::kEnter, 0, {}, *root, message, later);
  tell_later(later, message);
  message.ended();
}

}  // namespace wasat::relay
