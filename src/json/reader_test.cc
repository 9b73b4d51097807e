#include "json/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "json/writer.h"

namespace wasat::json {
namespace {

using testing::HasSubstr;

// A copy with padding that outlives the document's use of it.
struct Text {
  explicit Text(std::string_view bytes) : buffer(Buffer::copy_of(bytes)) {}
  std::shared_ptr<Buffer> buffer;
  PaddedView view() const { return buffer->padded(); }
};

bool parses(std::string_view bytes, int depth = kMaxDepth) {
  const Text text(bytes);
  Document document;
  return document.parse(text.view(), depth).has_value();
}

void write(Writer& writer, Value value) {
  switch (value.type()) {
    case Type::kObject:
      writer.begin_object();
      for (const Value child : value) {
        writer.key_escaped(child.key());
        write(writer, child);
      }
      writer.end_object();
      break;
    case Type::kArray:
      writer.begin_array();
      for (const Value child : value) write(writer, child);
      writer.end_array();
      break;
    case Type::kString:
      writer.string(*value.string());
      break;
    default:
      writer.raw(value.raw());
  }
}

std::string serialise(std::string_view bytes) {
  const Text text(bytes);
  Document document;
  const auto root = document.parse(text.view());
  if (!root) return "error: " + root.error().detail;
  std::string out;
  Writer writer(out);
  write(writer, *root);
  return out;
}

TEST(JsonReader, ReadsEveryType) {
  const Text text(R"( {"null": null, "yes": true, "no": false, "int": -42, "real": 2.5e3,
      "text": "plain", "array": [1, [2], {"three": 3}], "object": {} } )");
  Document document;
  const Value root = document.parse(text.view()).value();
  ASSERT_TRUE(root.is_object());
  EXPECT_EQ(root.size(), 8u);
  EXPECT_TRUE(root["null"].is_null());
  EXPECT_EQ(root["yes"].boolean(), true);
  EXPECT_EQ(root["no"].boolean(), false);
  EXPECT_EQ(root["int"].integer(), -42);
  EXPECT_EQ(root["int"].raw(), "-42");
  EXPECT_EQ(root["real"].number(), 2500.0);
  EXPECT_EQ(root["real"].integer(), 2500);
  EXPECT_EQ(root["text"].string(), "plain");
  EXPECT_EQ(root["text"].raw(), "\"plain\"");
  EXPECT_EQ(root["text"].escaped(), "plain");
  EXPECT_EQ(root["array"].size(), 3u);
  EXPECT_EQ(root["array"].raw(), R"([1, [2], {"three": 3}])");
  EXPECT_TRUE(root["object"].is_object());
  EXPECT_EQ(root["object"].size(), 0u);
  EXPECT_FALSE(root["absent"]);
  EXPECT_EQ(root["absent"].type(), Type::kAbsent);
}

TEST(JsonReader, AbsentAnswersEverything) {
  const Value nothing;
  EXPECT_FALSE(nothing);
  EXPECT_FALSE(nothing["a"]["b"]);
  EXPECT_EQ(nothing.raw(), "");
  EXPECT_EQ(nothing.escaped(), "");
  EXPECT_EQ(nothing.key(), "");
  EXPECT_EQ(nothing.string(), std::nullopt);
  EXPECT_EQ(nothing.string_or("x"), "x");
  EXPECT_EQ(nothing.integer(), std::nullopt);
  EXPECT_EQ(nothing.boolean(), std::nullopt);
  EXPECT_EQ(nothing.size(), 0u);
  for (const Value child : nothing) FAIL() << child.raw();
}

TEST(JsonReader, WrongTypesGiveNothing) {
  const Text text(R"(["1", 1, true, null, {}])");
  Document document;
  const Value root = document.parse(text.view()).value();
  std::vector<Value> items(root.begin(), root.end());
  EXPECT_EQ(items[0].integer(), std::nullopt);
  EXPECT_EQ(items[0].boolean(), std::nullopt);
  EXPECT_EQ(items[1].string(), std::nullopt);
  EXPECT_EQ(items[1].escaped(), "");
  EXPECT_EQ(items[2].number(), std::nullopt);
  EXPECT_EQ(items[3].string_or("other"), "other");
  EXPECT_FALSE(items[4]["x"]);
  EXPECT_FALSE(root["x"]);
}

TEST(JsonReader, LastOfSeveralEqualNamesWins) {
  const Text text(R"({"a":1,"b":2,"\u0061":3})");
  Document document;
  const Value root = document.parse(text.view()).value();
  EXPECT_EQ(root["a"].integer(), 3);
  EXPECT_EQ(root["a"].raw_key(), R"("\u0061")");
  EXPECT_EQ(root["b"].integer(), 2);
}

TEST(JsonReader, UnescapesIntoTheDocument) {
  const Text text(R"(["\"\\\/\b\f\n\r\t","\u00e9\u20AC\uD83D\uDE00","tail \u0041"])");
  Document document;
  const Value root = document.parse(text.view()).value();
  std::vector<Value> items(root.begin(), root.end());
  const auto first = items[0].string();
  EXPECT_EQ(items[1].string(), "é€😀");
  EXPECT_EQ(items[2].string(), "tail A");
  EXPECT_EQ(first, "\"\\/\b\f\n\r\t");  // still there
}

TEST(JsonReader, LoneSurrogatesBecomeReplacementCharacters) {
  const Text text(R"(["\ud800","\udc00x","\ud83d\u0041","\ud83d\ud83d\ude00"])");
  Document document;
  const Value root = document.parse(text.view()).value();
  std::vector<Value> items(root.begin(), root.end());
  EXPECT_EQ(items[0].string(), "\uFFFD");
  EXPECT_EQ(items[1].string(), "\uFFFDx");
  EXPECT_EQ(items[2].string(), "\uFFFDA");
  EXPECT_EQ(items[3].string(), "\uFFFD😀");
  EXPECT_EQ(items[0].raw(), R"("\ud800")");
  EXPECT_EQ(items[0].escaped(), R"(\ufffd)");
  EXPECT_EQ(items[1].escaped(), R"(\ufffdx)");
  EXPECT_EQ(items[3].escaped(), R"(\ufffd\ud83d\ude00)");
}

TEST(JsonReader, IntegersHaveBounds) {
  const Text text(
      "[9223372036854775807,-9223372036854775808,9223372036854775808,3.0,3e0,3.5,1e400,-0,1e18]");
  Document document;
  const Value root = document.parse(text.view()).value();
  std::vector<std::optional<std::int64_t>> integers;
  for (const Value item : root) integers.push_back(item.integer());
  using Integers = std::vector<std::optional<std::int64_t>>;
  EXPECT_EQ(integers, (Integers{INT64_MAX, INT64_MIN, std::nullopt, 3, 3, std::nullopt,
                                std::nullopt, 0, 1'000'000'000'000'000'000}));
}

TEST(JsonReader, AcceptsWhatTheGrammarAllows) {
  for (const char* text :
       {"1", "-0", "0.5", "1E+9", "\"\"", "null", " [ ] ", "\t{\n}\r\n", "[[[]]]", "\"\x7f\"",
        "[\"\\u0000\"]", "\"a\" ", "{\"\":0}", "[1 ,2\n,3]"}) {
    EXPECT_TRUE(parses(text)) << text;
  }
}

TEST(JsonReader, RefusesWhatItDoesNot) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "[",
                                      "]",
                                      "}",
                                      "[1",
                                      "[1,",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:1}",
                                      "{\"a\" 1}",
                                      "{\"a\":1 \"b\":2}",
                                      "[1 2]",
                                      "1 2",
                                      "[] []",
                                      "{}x",
                                      "nul",
                                      "nulll",
                                      "True",
                                      "truefalse",
                                      "01",
                                      "-",
                                      "+1",
                                      ".5",
                                      "1.",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "NaN",
                                      "Infinity",
                                      "1_0",
                                      "\"",
                                      "\"a",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12G4\"",
                                      "'a'",
                                      "\"a\"b",
                                      "a\"b\"",
                                      "\"a\"\"b\"",
                                      "\"\n\"",
                                      "\"\t\"",
                                      "[1}",
                                      "{\"a\":1]",
                                      "/**/1",
                                      "1,",
                                      ":",
                                      ",",
                                      "\x0c[]",
                                      "[]\x1a",
                                      "[1\x1a]",
                                      "{\"a\"\x1a 1}",
                                      "\"\\",
                                      "tr\\u0075e"}) {
    EXPECT_FALSE(parses(text)) << text;
  }
  EXPECT_FALSE(parses("\0"sv));
  EXPECT_FALSE(parses("[1\0]"sv));
  EXPECT_FALSE(parses("\"\0\""sv));
  EXPECT_FALSE(parses("1\0"sv));
}

TEST(JsonReader, RefusesInvalidUtf8) {
  for (const char* text : {"\"\x80\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\"", "\xEF\xBB\xBF[]", "[\xFF]"}) {
    EXPECT_FALSE(parses(text)) << text;
  }
}

TEST(JsonReader, DepthHasABound) {
  const auto nested = [](int n) {
    return std::string(static_cast<std::size_t>(n), '[') +
           std::string(static_cast<std::size_t>(n), ']');
  };
  EXPECT_TRUE(parses(nested(kMaxDepth)));
  EXPECT_FALSE(parses(nested(kMaxDepth + 1)));
  EXPECT_TRUE(parses(nested(3), 3));
  EXPECT_FALSE(parses(nested(4), 3));
  EXPECT_FALSE(parses(std::string(1 << 20, '[')));
  EXPECT_TRUE(parses("7", 0));
}

TEST(JsonReader, ErrorsSayWhereAndKeepTheTextOut) {
  const Text text("{\n  \"secret\": nope\n}");
  Document document;
  const auto result = document.parse(text.view());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidRequest);
  EXPECT_EQ(result.error().detail, "Invalid JSON: an unknown word at line 2, column 13.");
  EXPECT_THAT(result.error().detail, testing::Not(HasSubstr("secret")));
}

TEST(JsonReader, ManyValuesHaveABound) {
  std::string text = "[0";
  for (int i = 0; i < 5 << 20; ++i) text += ",0";
  text += "]";
  EXPECT_FALSE(parses(text));
}

// Law: what is written again and read again stays the same.
TEST(JsonReader, SerialisedTextIsStable) {
  for (const char* text : {R"({"a":[1,2.50,{"b":"\u00e9\n"}],"c":null,"\"":true})",
                           R"([[],{},"",[[{}]]])", R"("\ud83d\ude00 \u0001 / \/")", "-0.0e-7"}) {
    const std::string once = serialise(text);
    EXPECT_EQ(serialise(once), once);
    EXPECT_FALSE(once.starts_with("error")) << once;
  }
}

// Law: children's raw spans lie in their parent's in order, and only white
// space, commas and colons are between them.
void check_spans(Value value) {
  if (!value.is_array() && !value.is_object()) return;
  const std::string_view whole = value.raw();
  const char* at = whole.data() + 1;
  std::size_t children = 0;
  const auto skip_to = [&](const char* to) {
    for (; at < to; ++at) ASSERT_NE(std::strchr(" \n\r\t,:", *at), nullptr) << *at;
  };
  for (const Value child : value) {
    ++children;
    if (value.is_object()) {
      skip_to(child.raw_key().data());
      at += child.raw_key().size();
    }
    skip_to(child.raw().data());
    at += child.raw().size();
    check_spans(child);
  }
  skip_to(whole.data() + whole.size() - 1);
  EXPECT_EQ(children, value.size());
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  std::string value(int depth) {
    switch (pick(depth > 0 ? 8 : 6)) {
      case 0:
        return "null";
      case 1:
        return pick(2) != 0 ? "true" : "false";
      case 2:
        return std::to_string(static_cast<int>(pick(2000)) - 1000);
      case 3:
        return std::to_string(pick(100)) + "." + std::to_string(pick(1000)) + "e-3";
      case 4:
      case 5:
        return string();
      case 6:
        return list('[', ']', [&] { return value(depth - 1); });
      default:
        return list('{', '}',
                    [&] { return string() + space() + ":" + space() + value(depth - 1); });
    }
  }
  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }

 private:
  std::string space() { return std::string(pick(4) == 0 ? pick(70) : 0, " \n\t\r"[pick(4)]); }
  std::string string() {
    static constexpr const char* kPieces[] = {
        "a", "bc", "\\n", "\\u00e9", "\\\\", "\\\"", "é", "\\ud83d", "{", "]", ",", "            "};
    std::string text = "\"";
    for (unsigned n = pick(10); n > 0; --n) text += kPieces[pick(12)];
    return text + '"';
  }
  template <class F>
  std::string list(char open, char close, F item) {
    std::string text(1, open);
    for (unsigned n = pick(6), i = 0; i < n; ++i)
      text += (i ? "," : "") + space() + item() + space();
    return text + close;
  }
  std::mt19937 random_;
};

TEST(JsonReader, SpansCoverTheText) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::string bytes = Generator(seed).value(5);
    const Text text(bytes);
    Document document;
    const auto root = document.parse(text.view());
    ASSERT_TRUE(root) << bytes << root.error().detail;
    EXPECT_EQ(root->raw(), bytes);
    check_spans(*root);
    const std::string once = serialise(bytes);
    EXPECT_EQ(serialise(once), once);
  }
}

// Law: whatever the bytes, the answer is a tree or an error; and nothing is
// read behind the text (the page behind it cannot be read at all).
TEST(JsonReader, DamagedTextNeverReadsBeyondItsPadding) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  char* const memory = static_cast<char*>(
      mmap(nullptr, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory + 3 * page, page, PROT_NONE), 0);
  char* const end = memory + 3 * page - kPadding;
  Document document;
  int valid = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Generator generator(seed);
    std::string bytes = generator.value(4);
    for (unsigned n = generator.pick(4); n > 0 && !bytes.empty(); --n) {
      const std::size_t at = generator.pick(static_cast<unsigned>(bytes.size()));
      switch (generator.pick(3)) {
        case 0:
          bytes[at] = static_cast<char>(generator.pick(256));
          break;
        case 1:
          bytes.resize(at);
          break;
        default:
          bytes.insert(at, 1, "{}[]\",:\\0"[generator.pick(9)]);
      }
    }
    if (bytes.size() > 2 * page) continue;
    char* const begin = end - bytes.size();
    std::memcpy(begin, bytes.data(), bytes.size());
    const auto root = document.parse(PaddedView::promise({begin, bytes.size()}));
    if (root) {
      ++valid;
      check_spans(*root);
    }
  }
  EXPECT_GT(valid, 500);
  munmap(memory, 4 * page);
}

TEST(JsonReader, ADocumentIsReusedAfterLargeTextsAndErrors) {
  Document document;
  const Text large("[\"" + std::string(8u << 20, 'x') + "\",\"\\n\"]");
  const Text broken("[1,");
  const Text small(R"({"a":"\t"})");
  for (int i = 0; i < 3; ++i) {
    {
      const Value root = document.parse(large.view()).value();
      EXPECT_EQ((*root.begin()).escaped().size(), 8u << 20);
    }
    EXPECT_FALSE(document.parse(broken.view()));
    EXPECT_EQ(document.parse(small.view()).value()["a"].string(), "\t");
  }
}

}  // namespace
}  // namespace wasat::json
