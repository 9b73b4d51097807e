#include "http/sse.h"

#include <algorithm>
#include <cstring>

namespace wasat::http {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

struct Line {
  std::size_t text_end;  // where the line's ending begins
  std::size_t next;      // where the next line begins; kNone: the line is not complete
};

// The line that begins at `start`. A CR at the very end may be half a CRLF.
Line find_line(std::string_view bytes, std::size_t start) {
  const char* from = bytes.data() + start;
  const std::size_t left = bytes.size() - start;
  const auto* lf = static_cast<const char*>(std::memchr(from, '\n', left));
  const std::size_t until = lf != nullptr ? static_cast<std::size_t>(lf - from) : left;
  const auto* cr = static_cast<const char*>(std::memchr(from, '\r', until));
  if (cr != nullptr) {
    const std::size_t at = static_cast<std::size_t>(cr - bytes.data());
    if (at + 1 == bytes.size()) return {at, kNone};
    return {at, bytes[at + 1] == '\n' ? at + 2 : at + 1};
  }
  if (lf == nullptr) return {bytes.size(), kNone};
  return {start + until, start + until + 1};
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

SseEvent SseReader::make_event(std::string_view wire) {
  std::string_view data;
  Buffer* joined = nullptr;
  int lines = 0;
  for (std::size_t start = 0; start < wire.size();) {
    const Line line = find_line(wire, start);
    std::string_view text = wire.substr(start, line.text_end - start);
    start = line.next == kNone ? wire.size() : line.next;
    if (!text.starts_with("data:")) continue;
    text.remove_prefix(5);
    if (text.starts_with(' ')) text.remove_prefix(1);
    if (++lines == 1) {
      data = text;
      continue;
    }
    if (joined == nullptr) {
      joined_.push_back(std::make_unique<Buffer>(wire.size()));
      joined = joined_.back().get();
      std::memcpy(joined->data(), data.data(), data.size());
      joined->resize(data.size());
    }
    joined->data()[joined->size()] = '\n';
    std::memcpy(joined->data() + joined->size() + 1, text.data(), text.size());
    joined->resize(joined->size() + 1 + text.size());
    data = joined->view();
  }
  if (lines == 0) {
    const std::string_view text = trim(wire);
    if (text.starts_with('{') || text.starts_with('[')) data = text;
  }
  return {wire, PaddedView::promise(data)};
}

// Returns how many bytes the complete events take.
std::size_t SseReader::split(std::string_view bytes, std::vector<SseEvent>& events) {
  std::size_t event = 0;
  bool empty_event = true;
  for (std::size_t start = 0; start < bytes.size();) {
    const Line line = find_line(bytes, start);
    if (line.next == kNone) break;
    if (line.text_end > start) {
      empty_event = false;
    } else if (!empty_event) {
      events.push_back(make_event(bytes.substr(event, line.next - event)));
      event = line.next;
      empty_event = true;
    } else {
      event = line.next;  // an empty line between events says nothing
    }
    start = line.next;
  }
  return event;
}

void SseReader::feed(std::string_view bytes, std::vector<SseEvent>& events) {
  joined_.clear();
  if (overflowed_) return;
  if (at_boundary()) {
    carry_.reset();
    carried_done_ = 0;
    const std::size_t used = split(bytes, events);
    const std::string_view rest = bytes.substr(used);
    if (rest.empty()) return;
    carry_ = std::make_unique<Buffer>(std::max<std::size_t>(2 * rest.size(), 1024));
    std::memcpy(carry_->data(), rest.data(), rest.size());
    carry_->resize(rest.size());
  } else {
    const std::size_t kept = carry_->size() - carried_done_;
    std::memmove(carry_->data(), carry_->data() + carried_done_, kept);
    if (kept + bytes.size() > carry_->capacity()) {
      carry_->resize(kept);
      carry_->reserve(std::max(kept + bytes.size(), 2 * carry_->capacity()));
    }
    std::memcpy(carry_->data() + kept, bytes.data(), bytes.size());
    carry_->resize(kept + bytes.size());
    carried_done_ = split(carry_->view(), events);
  }
  overflowed_ = carry_->size() - carried_done_ > most_;
}

void SseReader::finish(std::vector<SseEvent>& events) {
  if (at_boundary()) return;
  const std::string_view rest = carry_->view().substr(carried_done_);
  carried_done_ = carry_->size();
  if (!trim(rest).empty()) events.push_back(make_event(rest));
}

}  // namespace wasat::http
