#include "json/reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

#include "json/document_state.h"
#include "json/text.h"

namespace wasat::json {
namespace {

// Memory above this is given back when the next text is small.
constexpr std::size_t kKeptBytes = 1u << 20;
constexpr std::size_t kSmallText = 128u << 10;
// Bounds the memory of one document (28 bytes per value) against texts like "[0,0,0,...".
constexpr std::size_t kMaxTokens = 8u << 20;

Error error_at(std::string_view text, std::size_t offset, const char* problem) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return client_error(ErrorKind::kInvalidRequest,
                      std::string("Invalid JSON: ") + problem + " at line " + std::to_string(line) +
                          ", column " + std::to_string(before.size() - line_start + 1) + ".");
}

}  // namespace

// Walks over the tokens and writes nodes. One object per parse.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, std::span<const std::uint32_t> tokens, Document::Node* nodes,
              std::vector<std::uint32_t>& open, std::size_t max_depth)
      : text_(text), tokens_(tokens), nodes_(nodes), open_(open), max_depth_(max_depth) {
    open_.clear();
    find_backslash(0);
  }

  bool build();
  const char* problem() const { return problem_; }
  // Where the problem is.
  std::size_t offset() const { return at_ < tokens_.size() ? tokens_[at_] : text_.size(); }

 private:
  struct Key {
    std::uint32_t begin = 0;
    std::uint32_t length = 0;
    Escapes escapes = Escapes::kNone;
  };

  bool fail(const char* problem) {
    problem_ = problem;
    return false;
  }
  char token() const { return at_ < tokens_.size() ? text_[tokens_[at_]] : '\0'; }
  // The current token without the white space behind it. Between the start of a
  // token and the next one nothing else can stand.
  std::uint32_t token_length() const {
    const std::size_t begin = tokens_[at_];
    std::size_t end = at_ + 1 < tokens_.size() ? tokens_[at_ + 1] : text_.size();
    while (end > begin + 1 && is_space(text_[end - 1])) --end;
    return static_cast<std::uint32_t>(end - begin);
  }
  void find_backslash(std::size_t from) {
    const void* found =
        from < text_.size() ? std::memchr(text_.data() + from, '\\', text_.size() - from) : nullptr;
    backslash_ = found == nullptr
                     ? text_.size()
                     : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
  }
  // Checks the string token and says whether it has escapes.
  bool check_string(std::uint32_t length, Escapes& escapes);
  bool read_key();
  bool read_value();
  bool read_scalar(Document::Node& node);
  // Behind a value: closes containers, and stands on the next value or behind the end.
  bool read_separators();

  const std::string_view text_;
  const std::span<const std::uint32_t> tokens_;
  Document::Node* const nodes_;
  std::vector<std::uint32_t>& open_;
  const std::size_t max_depth_;
  std::size_t at_ = 0;         // in tokens_
  std::uint32_t count_ = 0;    // of nodes_
  std::size_t backslash_ = 0;  // the first one that was not yet looked at
  Key key_;
  const char* problem_ = nullptr;
};

bool TreeBuilder::check_string(std::uint32_t length, Escapes& escapes) {
  const std::size_t begin = tokens_[at_];
  const std::size_t end = begin + length;
  if (length < 2 || text_[end - 1] != '"') return fail("a string that does not end");
  escapes = Escapes::kNone;
  if (backslash_ >= end) return true;
  const std::string_view escaped = text_.substr(begin + 1, length - 2);
  escapes = check_escapes(escaped, backslash_ - begin - 1);
  if (escapes == Escapes::kInvalid) return fail("an invalid escape");
  find_backslash(end);
  return true;
}

bool TreeBuilder::read_key() {
  if (token() != '"') return fail("expected a member's name");
  key_.begin = tokens_[at_];
  key_.length = token_length();
  if (!check_string(key_.length, key_.escapes)) return false;
  ++at_;
  if (token() != ':') return fail("expected ':'");
  ++at_;
  return true;
}

bool TreeBuilder::read_scalar(Document::Node& node) {
  const std::string_view token = text_.substr(node.begin, node.length);
  switch (token.front()) {
    case 't':
      node.type = Type::kBool;
      return token == "true" || fail("an unknown word");
    case 'f':
      node.type = Type::kBool;
      return token == "false" || fail("an unknown word");
    case 'n':
      node.type = Type::kNull;
      return token == "null" || fail("an unknown word");
    default:
      node.type = Type::kNumber;
      return is_number(token) || fail("expected a value");
  }
}

bool TreeBuilder::read_value() {
  if (at_ >= tokens_.size()) return fail("the text ends too early");
  const std::uint32_t index = count_++;
  Document::Node& node = nodes_[index];
  node.begin = tokens_[at_];
  node.key_begin = key_.begin;
  node.key_length = key_.length;
  node.key_escapes = key_.escapes;
  node.next = count_;
  node.count = 0;
  node.escapes = Escapes::kNone;
  const char first = token();
  if (first == '"') {
    node.type = Type::kString;
    node.length = token_length();
    if (!check_string(node.length, node.escapes)) return false;
    ++at_;
    return read_separators();
  }
  if (first == '{' || first == '[') {
    if (open_.size() >= max_depth_) return fail("nested too deeply");
    node.type = first == '{' ? Type::kObject : Type::kArray;
    open_.push_back(index);
    ++at_;
    key_ = {};
    if (token() == (first == '{' ? '}' : ']')) return read_separators();
    nodes_[index].count = 1;
    return first == '[' || read_key();
  }
  node.length = token_length();
  if (!read_scalar(node)) return false;
  ++at_;
  return read_separators();
}

bool TreeBuilder::read_separators() {
  while (!open_.empty()) {
    Document::Node& parent = nodes_[open_.back()];
    const bool object = parent.type == Type::kObject;
    const char c = token();
    if (c == ',') {
      ++at_;
      ++parent.count;
      return !object || read_key();
    }
    if (c != (object ? '}' : ']')) {
      return fail(at_ >= tokens_.size() ? "the text ends too early"
                  : object              ? "expected ',' or '}'"
                                        : "expected ',' or ']'");
    }
    parent.length = tokens_[at_] + 1 - parent.begin;
    parent.next = count_;
    open_.pop_back();
    ++at_;
    key_ = {};
  }
  return true;
}

bool TreeBuilder::build() {
  do {
    if (!read_value()) return false;
  } while (!open_.empty());
  return at_ == tokens_.size() || fail("something behind the value");
}

Document::Document() : state_(std::make_unique<State>()) {}
Document::~Document() = default;

Result<Value> Document::parse(PaddedView padded, int max_depth) {
  State& state = *state_;
  const std::string_view text = padded.view();
  state.arena.clear();
  if (text.size() <= kSmallText) {
    if (state.indexer.capacity() * sizeof(std::uint32_t) > kKeptBytes) state.indexer.release();
    if (state.capacity * sizeof(Node) > kKeptBytes) {
      state.nodes.reset();
      state.capacity = 0;
    }
    if (state.arena.capacity() > kKeptBytes) state.arena = {};
  }

  const char* problem = nullptr;
  const std::span<const std::uint32_t> tokens = state.indexer.index(text, &problem);
  if (problem != nullptr) {
    return fail(
        client_error(ErrorKind::kInvalidRequest, std::string("Invalid JSON: ") + problem + "."));
  }
  if (tokens.size() > kMaxTokens) {
    return fail(client_error(ErrorKind::kInvalidRequest, "Invalid JSON: too many values."));
  }
  if (state.capacity < tokens.size()) {
    // The pages of what is not used are never touched.
    const std::size_t capacity = std::max(tokens.size() + tokens.size() / 4, std::size_t{64});
    state.nodes = std::make_unique_for_overwrite<Node[]>(capacity);
    state.capacity = capacity;
  }
  state.text = text.data();
  TreeBuilder builder(text, tokens, state.nodes.get(), state.open,
                      static_cast<std::size_t>(std::max(max_depth, 0)));
  if (!builder.build()) return fail(error_at(text, builder.offset(), builder.problem()));
  return Value(this, 0);
}

}  // namespace wasat::json
