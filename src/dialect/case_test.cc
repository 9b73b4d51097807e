// Runs every .case file below src/dialect/*/cases. README.md describes them.

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/source_folder_test.h"
#include "dialect/anthropic/dialect.h"
#include "dialect/case_test_file.h"
#include "dialect/case_test_json.h"
#include "dialect/dialect.h"
#include "dialect/gemini/gemini.h"
#include "dialect/openai_chat/dialect.h"
#include "dialect/openai_media/dialect.h"
#include "dialect/openai_responses/dialect.h"

namespace wasat::dialect::test {
namespace {

dialect::Options make_options(const std::map<std::string, std::string>& written) {
  dialect::Options options;
  if (!written.contains("safety")) options.safety_settings.clear();
  if (written.contains("thoughts")) options.show_thoughts = written.at("thoughts") == "show";
  if (written.contains("search_links")) options.search_links = true;
  return options;
}

// One line per dialect, by the name of its folder.
std::unique_ptr<Dialect> make_dialect(std::string_view name) {
  if (name == "anthropic") return anthropic::make_anthropic();
  if (name == "gemini") return native::make_gemini();
  if (name == "openai_chat") return openai_chat::make_openai_chat();
  if (name == "openai_media") return openai_media::make_openai_media();
  if (name == "openai_responses") return openai_responses::make_openai_responses();
  return nullptr;
}

// What a client saw.
struct Seen {
  std::string bytes;  // of the answer
  int status = 200;
  std::string reply;  // instead of an answer
};

class CaseRun {
 public:
  explicit CaseRun(const CaseFile& file) : file_(file), options_(make_options(file.options())) {}

  void run() {
    dialect_ = make_dialect(file_.dialect);
    ASSERT_NE(dialect_, nullptr) << "no dialect '" << file_.dialect << "' in make_dialect()";
    if (const auto outcome = exchange(); !outcome) fail_with(outcome.error());
    check_reply();
    check_answer();
  }

 private:
  Result<> exchange() {
    const Section* section = file_.find("request");
    if (section == nullptr) return fail(internal_error("the case has no request"));
    const auto [method, path, query] = target(section->argument);
    const auto body = Buffer::copy_of(request_body(section->text));
    auto parsed = dialect_->parse({.http_method = method,
                                   .path = path,
                                   .query = query,
                                   .content_type = content_type(),
                                   .body = body,
                                   .options = options_});
    if (!parsed) return fail(parsed.error());
    check_needs(**parsed);
    const Section* upstream = file_.find("upstream");
    const std::string model = upstream != nullptr ? upstream->argument : (*parsed)->model;
    auto call = (*parsed)->lower({.name = model, .derived = derived()}, findings());
    if (!call) return fail(call.error());
    check_call(**parsed, *call);
    const auto options = file_.options();
    encoder_ = (*parsed)->encoder(
        {.created = 1700000000,
         .id = "A1b2C3d4E5f6G7h8I9j0K1l2",
         .media_base = options.contains("media_base") ? options.at("media_base") : ""});
    parsed->reset();  // an encoder stands alone
    return answer(call->stream());
  }

  Result<> answer(bool stream) {
    gemini::Tally tally;
    bool any = false;
    for (const Section& section : file_.sections) {
      if (section.name == "chunk") {
        any = true;
        const auto json = Buffer::copy_of(section.text);
        const std::string wire = stream ? "data: " + section.text + "\r\n\r\n" : section.text;
        const auto result =
            encoder_->frame({.json = json->padded(), .wire = wire, .call = call_number(section)},
                            tally, seen_.bytes);
        if (!result) return result;
      } else if (section.name == "silence") {
        encoder_->heartbeat(seen_.bytes);
      } else if (section.name == "end") {
        any = true;
      } else if (section.name == "break") {
        return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                                   "The upstream broke off."));
      }
    }
    // A case without an answer ends with its call.
    if (!any) return {};
    const Result<> finished = encoder_->finish(tally, seen_.bytes);
    check_memos(tally);
    check_media(tally);
    if (const Section* type = file_.find("answer-type")) {
      EXPECT_EQ(encoder_->content_type(), type->argument);
    }
    return finished;
  }

  // Forms have carriage returns, and bytes that no text file holds: "\xFF".
  std::string request_body(const std::string& text) const {
    if (!content_type().starts_with("multipart/")) return text;
    std::string body;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') body += '\r';
      if (text.compare(i, 2, "\\x") == 0) {
        body += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
        i += 3;
      } else {
        body += text[i];
      }
    }
    return body + "\r\n";
  }

  // `chunk <number of the call that it answers>`
  static std::uint32_t call_number(const Section& section) {
    return section.argument.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(section.argument));
  }

  std::string_view content_type() const {
    const Section* section = file_.find("content-type");
    return section == nullptr ? "application/json" : std::string_view(section->argument);
  }

  Findings findings() const {
    Findings found;
    for (const Section& section : file_.sections) {
      const std::string& argument = section.argument;
      const std::size_t space = std::min(argument.find(' '), argument.size());
      const std::string first = argument.substr(0, space);
      const std::string second = argument.substr(std::min(space + 1, argument.size()));
      if (section.name == "fetched") {
        found.fetched.emplace(
            first, Findings::Fetched{.mime_type = second,
                                     .base64 = std::make_shared<std::string>(section.text)});
      } else if (section.name == "unfetched") {
        found.fetched.emplace(first, fail(client_error(ErrorKind::kInvalidRequest, section.text)));
      } else if (section.name == "memo") {
        found.memos.emplace(second, section.text);
      } else if (section.name == "without-signatures") {
        found.without_signatures = true;
      }
    }
    return found;
  }

  gemini::DerivedModel derived() const {
    gemini::DerivedModel derived;
    const Section* section = file_.find("derived");
    if (section == nullptr) return derived;
    using Think = gemini::DerivedModel::Think;
    static const std::map<std::string, Think> kThink = {
        {"nothinking", Think::kOff}, {"minimal", Think::kMinimal}, {"low", Think::kLow},
        {"medium", Think::kMedium},  {"high", Think::kHigh},       {"max", Think::kMax},
        {"thinking", Think::kShown}};
    derived.search = section->argument == "search";
    derived.image = section->argument == "image";
    if (kThink.contains(section->argument)) derived.think = kThink.at(section->argument);
    if (section->argument.starts_with("budget ")) {
      derived.budget = std::stoi(section->argument.substr(7));
    }
    return derived;
  }

  // Every line of `needs`: "url <URL>", "signature <key>", "response <key>".
  void check_needs(const Parsed& parsed) {
    const Section* section = file_.find("needs");
    if (section == nullptr) return;
    std::string actual;
    for (const std::string& url : parsed.needs.urls) actual += "url " + url + "\n";
    for (const Needs::Key& key : parsed.needs.memos) {
      actual += (key.kind == gemini::Memo::Kind::kSignature ? "signature " : "response ") +
                key.key + "\n";
    }
    EXPECT_EQ(trimmed(actual), section->text);
  }

  // Every `remembered <kind> <key>` with its value.
  void check_memos(const gemini::Tally& tally) {
    std::size_t number = 0;
    for (const Section& section : file_.sections) {
      if (section.name != "remembered") continue;
      ASSERT_LT(number, tally.memos.size());
      const gemini::Memo& memo = tally.memos[number++];
      const bool signature = memo.kind == gemini::Memo::Kind::kSignature;
      EXPECT_EQ((signature ? "signature " : "response ") + memo.key, section.argument);
      if (signature) {
        EXPECT_EQ(memo.value, section.text);
      } else {
        EXPECT_EQ(difference(section.text, memo.value, Match::kSubset), "") << memo.value;
      }
    }
  }

  // Every `kept <suffix>` with its base64.
  void check_media(const gemini::Tally& tally) {
    std::size_t number = 0;
    for (const Section& section : file_.sections) {
      if (section.name != "kept") continue;
      ASSERT_LT(number, tally.media.size());
      const gemini::Media& media = tally.media[number++];
      EXPECT_EQ(media.suffix, section.argument);
      EXPECT_EQ(media.base64, section.text);
    }
    EXPECT_EQ(number, tally.media.size());
  }

  // Before the first byte a reply, afterwards the dialect's mid-stream form.
  void fail_with(const Error& error) {
    if (encoder_ != nullptr && !seen_.bytes.empty()) {
      encoder_->error(error, seen_.bytes);
      return;
    }
    const ErrorReply reply = dialect_->error(error);
    seen_.status = reply.status;
    seen_.reply = reply.body;
  }

  // The first `call` and those that follow it (Call::more), with `headers` and
  // `resources` of the first.
  void check_call(const Parsed& parsed, const gemini::Call& call) {
    check_cost(call);
    for (const gemini::Call& each : call.more) check_cost(each);
    std::size_t number = 0;
    for (const Section& section : file_.sections) {
      if (section.name != "call") continue;
      ASSERT_LE(number, call.more.size());
      check_one_call(section, number == 0 ? call : call.more[number - 1]);
      ++number;
    }
    if (number == 0) return;
    if (number == 1) check_further(call);
    if (number > 1) EXPECT_EQ(number, call.more.size() + 1);
    EXPECT_EQ(parsed.stream, call.stream());
    if (file_.find("passes") != nullptr) {
      EXPECT_TRUE(parsed.passes_answer);
    }
    if (const Section* section = file_.find("headers")) {
      std::string actual;
      for (const auto& [name, value] : call.headers) actual += name + ": " + value + "\n";
      EXPECT_EQ(trimmed(actual), section->text);
    }
    if (const Section* section = file_.find("resources")) {
      std::string actual;
      for (const std::string& each : call.resources) actual += each + "\n";
      EXPECT_EQ(trimmed(actual), section->text);
    }
  }

  // What is reserved of a token's budget follows the call's own word.
  void check_cost(const gemini::Call& call) {
    const bool generates = call.method == gemini::Method::kGenerateContent || call.stream();
    if (!generates || call.body.empty()) return;
    const auto bytes = Buffer::copy_of(call.body.flatten());
    json::Document document;
    const Result<json::Value> root = document.parse(bytes->padded());
    ASSERT_TRUE(root);
    const auto number = [&](std::string_view name, std::string_view snake_case, std::int64_t none) {
      json::Value config = (*root)["generationConfig"];
      if (!config) config = (*root)["generation_config"];
      return config[name].integer().value_or(config[snake_case].integer().value_or(none));
    };
    EXPECT_EQ(call.most_output, number("maxOutputTokens", "max_output_tokens", 0));
    EXPECT_EQ(call.candidates, number("candidateCount", "candidate_count", 1));
    bool searches = false;
    for (const json::Value tool : (*root)["tools"]) {
      searches |= tool["googleSearch"] || tool["google_search"] || tool["googleSearchRetrieval"];
    }
    // Which of the two, tools or the derived model's search, is for the edits to say.
    EXPECT_TRUE(call.may_search == searches || (call.may_search && derived().search));
  }

  static void check_one_call(const Section& section, const gemini::Call& call) {
    std::string first = method_of(call);
    if (!call.model.empty()) first += " " + call.model;
    EXPECT_EQ(first, section.argument);
    const std::string body = call.body.flatten();
    EXPECT_EQ(body.empty(), section.text.empty());
    if (section.text.empty() || body.empty()) return;
    if (section.text.starts_with("--")) {  // a multipart body
      EXPECT_EQ(trimmed(body), with_carriage_returns(section.text));
    } else {
      EXPECT_EQ(difference(section.text, body, Match::kEqual), "") << body;
    }
  }

  // What `more` says of calls that are not written out.
  void check_further(const gemini::Call& call) {
    const Section* more = file_.find("more");
    EXPECT_EQ(std::to_string(call.more.size()), more == nullptr ? "0" : more->argument);
    for (const gemini::Call& other : call.more) {
      EXPECT_EQ(method_of(other) + " " + other.model, method_of(call) + " " + call.model);
      if (more != nullptr && more->text == "the same")
        EXPECT_EQ(other.body.flatten(), call.body.flatten());
    }
  }

  static std::string method_of(const gemini::Call& call) {
    if (call.method != gemini::Method::kRaw) return std::string(gemini::method_name(call.method));
    return call.http_method + " " + call.path + (call.query.empty() ? "" : "?" + call.query);
  }

  void check_reply() {
    const Section* section = file_.find("reply");
    if (section == nullptr) {
      EXPECT_EQ(seen_.reply, "") << "status " << seen_.status;
      return;
    }
    EXPECT_EQ(std::to_string(seen_.status), section->argument);
    EXPECT_EQ(difference(section->text, seen_.reply, Match::kSubset), "") << seen_.reply;
  }

  void check_answer() {
    if (const Section* section = file_.find("answer")) {
      if (section->argument == "json") {
        EXPECT_EQ(difference(section->text, seen_.bytes, Match::kSubset), "") << seen_.bytes;
      } else if (section->argument == "base64") {
        EXPECT_EQ(to_base64(seen_.bytes), section->text);
      } else {
        EXPECT_EQ(trimmed(seen_.bytes), with_carriage_returns(section->text));
      }
    }
    if (const Section* section = file_.find("events")) check_events(section->text);
  }

  // "\r" at the end of a line is a carriage return there.
  static std::string with_carriage_returns(std::string text) {
    for (auto at = text.find("\\r\n"); at != text.npos; at = text.find("\\r\n", at)) {
      text.replace(at, 3, "\r\n");
    }
    return text;
  }

  void check_events(const std::string& text) {
    EXPECT_TRUE(seen_.bytes.empty() || seen_.bytes.ends_with("\n\n") ||
                seen_.bytes.ends_with("\r\n\r\n"));
    const std::vector<std::string> expected = lines(text, "");
    const std::vector<std::string> actual = lines(seen_.bytes, "data: ");
    // Where events have names, those say the same as the data.
    const std::vector<std::string> names = lines(seen_.bytes, "event: ");
    for (std::size_t i = 0; i < std::min(names.size(), actual.size()); ++i) {
      EXPECT_NE(actual[i].find("\"type\":\"" + names[i] + "\""), std::string::npos) << actual[i];
    }
    EXPECT_EQ(expected.size(), actual.size()) << seen_.bytes;
    for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
      if (expected[i].starts_with('{')) {
        EXPECT_EQ(difference(expected[i], actual[i], Match::kSubset), "")
            << "event " << i + 1 << ": " << actual[i];
      } else {
        EXPECT_EQ(actual[i], expected[i]);
      }
    }
  }

  // The lines that are not empty and start with `prefix`, without it.
  static std::vector<std::string> lines(std::string_view text, std::string_view prefix) {
    std::vector<std::string> found;
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!line.empty() && line.starts_with(prefix)) found.emplace_back(line.substr(prefix.size()));
    }
    return found;
  }

  struct Target {
    std::string_view method, path, query;
  };
  static Target target(std::string_view line) {
    Target target;
    target.method = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), target.method.size() + 1));
    target.path = line.substr(0, line.find('?'));
    line.remove_prefix(std::min(line.size(), target.path.size() + 1));
    target.query = line;
    return target;
  }

  const CaseFile& file_;
  const Options options_;
  std::unique_ptr<Dialect> dialect_;
  std::unique_ptr<Encoder> encoder_;
  Seen seen_;
};

class DialectCase : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(DialectCase, Holds) {
  const CaseFile file = read_case(GetParam());
  SCOPED_TRACE(file.path.string());
  CaseRun(file).run();
}

const std::filesystem::path kRoot = wasat::test::source_folder() / "src" / "dialect";

INSTANTIATE_TEST_SUITE_P(Files, DialectCase, testing::ValuesIn(find_cases(kRoot)),
                         [](const testing::TestParamInfo<std::filesystem::path>& info) {
                           std::string name = std::filesystem::relative(info.param, kRoot).string();
                           name.resize(name.size() - std::string_view(".case").size());
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace wasat::dialect::test
