// Runs cases/*.cases. Their README says what they look like.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/source_folder_test.h"
#include "relay/heard_test.h"
#include "relay/protocol.h"

namespace wasat::relay::test {
namespace {

struct Case {
  std::string protocol;
  std::string name;
  std::vector<std::string> lines;
};
void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

std::unique_ptr<Protocol> make(std::string_view name, ProtocolLimits limits = {}) {
  for (const NamedProtocol& protocol : protocols()) {
    if (protocol.name == name) return protocol.make(limits);
  }
  return nullptr;
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  for (const auto& [protocol, make] : protocols()) {
    std::ifstream file(wasat::test::source_folder() / "src/relay/cases" /
                       (std::string(protocol) + ".cases"));
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("# ")) {
        cases.push_back({.protocol = protocol, .name = line.substr(2), .lines = {}});
      } else if (!line.empty()) {
        cases.back().lines.push_back(std::move(line));
      }
    }
  }
  return cases;
}

// The rest of a line that begins with `word`.
bool after(std::string_view line, std::string_view word, std::string& rest) {
  if (!line.starts_with(word)) return false;
  rest = line.substr(word.size());
  return true;
}

class CaseRun {
 public:
  explicit CaseRun(const Case& test) : test_(test) {}

  void run() {
    for (at_ = 0; at_ < test_.lines.size();) {
      std::string rest;
      const std::string& line = test_.lines[at_++];
      if (after(line, "< ", rest) || line == "<") {
        message(rest);
      } else if (after(line, "request ", rest)) {
        request(rest);
      } else if (after(line, "cancel ", rest)) {
        expect_sent(make(test_.protocol)->cancel(rest));
      } else if (after(line, "count ", rest)) {
        expect_sent(make(test_.protocol)->node_count(std::stoul(rest)));
      } else {
        FAIL() << "what is this? " << line;
      }
    }
  }

 private:
  void expect_sent(const std::string& message) {
    std::string expected;
    ASSERT_TRUE(at_ < test_.lines.size() && after(test_.lines[at_++], "> ", expected));
    EXPECT_EQ(message, expected == "nothing" ? "" : expected);
  }

  void request(const std::string& target) {
    const std::size_t space = target.find(' ');
    const std::size_t mark = std::min(target.find('?'), target.size());
    std::string text;
    Body body;
    if (at_ < test_.lines.size() && after(test_.lines[at_], "body ", text)) {
      ++at_;
      body = Body::of(text);
    }
    const std::unique_ptr<OutgoingMessage> message =
        make(test_.protocol)
            ->request({.id = "r-1",
                       .method = std::string_view(target).substr(0, space),
                       .path = std::string_view(target).substr(space + 1, mark - space - 1),
                       .query = std::string_view(target).substr(std::min(mark + 1, target.size())),
                       .stream = target.contains(":stream"),
                       .body = text.empty() ? nullptr : &body,
                       .sent_at = std::chrono::sys_time<std::chrono::milliseconds>(
                           std::chrono::milliseconds(1'764'040'000'007))});
    expect_sent(whole(*message));
  }

  void message(const std::string& text) {
    std::vector<std::string> expected;
    std::string rest;
    while (at_ < test_.lines.size() && !after(test_.lines[at_], "< ", rest)) {
      if (test_.lines[at_] != "nothing") expected.push_back(test_.lines[at_]);
      ++at_;
    }
    for (std::size_t split = 0; split <= text.size(); ++split) {
      EXPECT_EQ(told(text, split, {}), expected) << text << "\nin two parts at " << split;
      const std::vector<std::string> scanned = told(text, split, {.whole_message = 0});
      EXPECT_TRUE(agree(expected, scanned)) << text << "\nwhile it comes, in two parts at " << split
                                            << ", told " << testing::PrintToString(scanned);
    }
  }

  // As the files write it: \r and \n for what would end a line.
  static std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
      if (c == '\n' || c == '\r') {
        line += c == '\n' ? "\\n" : "\\r";
      } else {
        line += c;
      }
    }
    return line;
  }

  std::vector<std::string> told(const std::string& text, std::size_t split, ProtocolLimits limits) {
    Heard heard;
    const std::unique_ptr<Protocol> protocol = make(test_.protocol, limits);
    const std::string_view view = text;
    if (split == 0) {
      protocol->read(view, true, true, heard);
    } else {
      protocol->read(view.substr(0, split), true, false, heard);
      protocol->read(view.substr(split), false, true, heard);
    }
    std::vector<std::string> lines = heard.take();
    for (std::string& line : lines) line = one_line(line);
    return lines;
  }

  const Case& test_;
  std::size_t at_ = 0;
};

class RelayCase : public testing::TestWithParam<Case> {};

TEST_P(RelayCase, Holds) { CaseRun(GetParam()).run(); }

INSTANTIATE_TEST_SUITE_P(Relay, RelayCase, testing::ValuesIn(read_cases()),
                         [](const testing::TestParamInfo<Case>& info) {
                           std::string name = info.param.protocol + "_" + info.param.name;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace wasat::relay::test
