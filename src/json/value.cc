#include <charconv>
#include <cmath>
#include <cstring>

#include "json/document_state.h"
#include "json/reader.h"
#include "json/text.h"

namespace wasat::json {
namespace {

std::string_view without_quotes(std::string_view raw) { return raw.substr(1, raw.size() - 2); }

std::string_view unescape_into(Arena& arena, std::string_view escaped) {
  char* room = arena.allocate(escaped.size());
  return {room, unescape(escaped, room)};
}

}  // namespace

Type Value::type() const {
  return document_ == nullptr ? Type::kAbsent : document_->state_->nodes[index_].type;
}

std::string_view Value::raw() const {
  if (document_ == nullptr) return {};
  const Document::Node& node = document_->state_->nodes[index_];
  return {document_->state_->text + node.begin, node.length};
}

std::string_view Value::escaped() const {
  if (!is_string()) return {};
  const std::string_view written = without_quotes(raw());
  Document::State& state = *document_->state_;
  if (state.nodes[index_].escapes != Escapes::kLoneSurrogate) return written;
  char* const copy = state.arena.allocate(written.size());
  std::memcpy(copy, written.data(), written.size());
  replace_lone_surrogates(copy, written.size());
  return {copy, written.size()};
}

std::optional<std::string_view> Value::string() const {
  if (!is_string()) return std::nullopt;
  Document::State& state = *document_->state_;
  if (state.nodes[index_].escapes == Escapes::kNone) return without_quotes(raw());
  return unescape_into(state.arena, without_quotes(raw()));
}

std::string_view Value::string_or(std::string_view otherwise) const {
  return string().value_or(otherwise);
}

std::optional<std::int64_t> Value::integer() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  const char* const end = text.data() + text.size();
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc{} && rest == end) return value;
  if (error != std::errc{}) return std::nullopt;
  const std::optional<double> fraction = number();
  // 2^63 is a double, the largest int64 is not.
  constexpr double kLimit = 9223372036854775808.0;
  if (!fraction || *fraction != std::floor(*fraction)) return std::nullopt;
  if (*fraction < -kLimit || *fraction >= kLimit) return std::nullopt;
  return static_cast<std::int64_t>(*fraction);
}

std::optional<double> Value::number() const {
  if (!is_number()) return std::nullopt;
  const std::string_view text = raw();
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> Value::boolean() const {
  if (!is_bool()) return std::nullopt;
  return raw().front() == 't';
}

Value Value::operator[](std::string_view name) const {
  if (!is_object()) return {};
  Document::State& state = *document_->state_;
  const Document::Node* nodes = state.nodes.get();
  const std::uint32_t end = nodes[index_].next;
  std::uint32_t found = 0;  // the root is nobody's member
  for (std::uint32_t i = index_ + 1; i != end; i = nodes[i].next) {
    const Document::Node& node = nodes[i];
    if (node.key_escapes == Escapes::kNone) {
      if (node.key_length == name.size() + 2 &&
          std::memcmp(state.text + node.key_begin + 1, name.data(), name.size()) == 0) {
        found = i;
      }
    } else if (Value(document_, i).key() == name) {
      found = i;
    }
  }
  return found == 0 ? Value{} : Value(document_, found);
}

std::size_t Value::size() const {
  return document_ == nullptr ? 0 : document_->state_->nodes[index_].count;
}

std::string_view Value::raw_key() const {
  if (document_ == nullptr) return {};
  const Document::Node& node = document_->state_->nodes[index_];
  return {document_->state_->text + node.key_begin, node.key_length};
}

std::string_view Value::key() const {
  const std::string_view written = raw_key();
  if (written.empty()) return {};
  Document::State& state = *document_->state_;
  if (state.nodes[index_].key_escapes == Escapes::kNone) return without_quotes(written);
  return unescape_into(state.arena, without_quotes(written));
}

Value::Iterator Value::begin() const { return {document_, document_ == nullptr ? 0 : index_ + 1}; }

Value::Iterator Value::end() const {
  return {document_, document_ == nullptr ? 0 : document_->state_->nodes[index_].next};
}

Value::Iterator& Value::Iterator::operator++() {
  index_ = document_->state_->nodes[index_].next;
  return *this;
}

}  // namespace wasat::json
