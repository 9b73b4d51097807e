// Recorded answers in the tests of the dialects: reading them, passing them through a
// dialect, and what a client must get of them.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/recordings_test.h"
#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect::test {

using wasat::test::recordings_folder;

// A tree with its text.
struct Tree {
  explicit Tree(std::string_view json)
      : text(Buffer::copy_of(json)),
        parsed(document.parse(text->padded(), json::kMaxDepth + 16)),
        root(parsed ? *parsed : json::Value{}) {}
  std::shared_ptr<Buffer> text;
  json::Document document;
  Result<json::Value> parsed;
  json::Value root;
};

// The files of these folders whose names hold `part` and end in one of `endings`: their
// paths within the folder of recordings, in order. None when there are no recordings.
inline std::vector<std::string> recordings(std::initializer_list<std::string_view> folders,
                                           std::string_view part,
                                           std::initializer_list<std::string_view> endings) {
  const std::filesystem::path root = recordings_folder();
  std::vector<std::string> found;
  for (const std::string_view folder : folders) {
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(root / folder, absent)) {
      const std::string name = entry.path().filename();
      const auto ends = [&name](std::string_view ending) { return name.ends_with(ending); };
      if (name.contains(part) && std::ranges::any_of(endings, ends)) {
        found.push_back(std::filesystem::relative(entry.path(), root));
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Every recorded answer to a request for content.
inline std::vector<std::string> recorded_answers() {
  return recordings({"firebase-vertexai-sdk-test-data", "llm-gemini-cassettes", "transcribed",
                     "vercel-ai-google"},
                    "", {".json", ".txt"});
}

// For INSTANTIATE_TEST_SUITE_P.
inline std::string recording_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

// The chunks in a recording: a JSON answer (or an array of them), lines of JSON,
// or server-sent events.
inline std::vector<std::string> recorded_chunks(const std::string& recording) {
  const std::string text = read_file(recordings_folder() / recording);
  if (Tree(text).parsed) return {text};
  std::vector<std::string> chunks;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("data: ")) line.erase(0, 6);
    if (!line.empty()) chunks.push_back(line);
  }
  return chunks;
}

// What a client must get of chunks.
struct Expected {
  std::vector<std::string> texts;  // in pieces that stay in order
  std::string thoughts;
  std::vector<std::string> calls;  // names

  void add(json::Value root) {
    if (root.is_array()) {
      for (const json::Value chunk : root) add(chunk);
      return;
    }
    for (const json::Value candidate : root["candidates"]) {
      if (candidate["index"].integer().value_or(0) != 0) continue;
      const std::string_view reason = candidate["finishReason"].string_or("");
      const bool malformed = reason == "UNEXPECTED_TOOL_CALL" || reason.starts_with("MALFORMED_");
      for (const json::Value part : candidate["content"]["parts"]) {
        const std::string_view text = part["text"].string_or("");
        if (part["thought"].boolean() == true) {
          thoughts += text;
        } else if (!text.empty()) {
          texts.emplace_back(text);
        }
        const std::string_view name = part["functionCall"]["name"].string_or("");
        if (!malformed && !name.empty()) calls.emplace_back(name);
      }
    }
  }
};

// How far a recording got. A frame that cannot be understood ends it.
struct Passed {
  Expected expected;
  std::string bytes;  // streamed: with the error, if it ended in one
  bool finished = false;
};

// `path` and `request`: what the client asks. It gets `chunks`.
inline Passed pass(const Dialect& dialect, std::string_view path, std::string_view request,
                   const std::vector<std::string>& chunks) {
  Passed result;
  auto parsed = dialect.parse({.http_method = "POST",
                               .path = path,
                               .query = {},
                               .content_type = "application/json",
                               .body = Buffer::copy_of(request)});
  EXPECT_TRUE(parsed) << request;
  if (!parsed) return result;
  EXPECT_TRUE((*parsed)->lower({.name = "gemini-2.5-flash", .derived = {}}, {}));
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  gemini::Tally tally;
  const auto end_with = [&](const Error& error) {
    if ((*parsed)->stream) encoder->error(error, result.bytes);
  };
  for (const std::string& chunk : chunks) {
    const Tree tree(chunk);
    const auto read =
        encoder->frame({.json = tree.text->padded(), .wire = chunk}, tally, result.bytes);
    if (!read) {
      end_with(read.error());
      return result;
    }
    EXPECT_TRUE(tree.parsed) << chunk;
    result.expected.add(tree.root);
  }
  const auto finished = encoder->finish(tally, result.bytes);
  result.finished = finished.has_value();
  if (!finished) end_with(finished.error());
  return result;
}

// Code, images and explanations may be put between the texts; the texts themselves are there.
inline void expect_in_order(const std::vector<std::string>& texts, const std::string& given) {
  std::size_t at = 0;
  for (const std::string& text : texts) {
    const std::size_t found = given.find(text, at);
    ASSERT_NE(found, given.npos) << "lost: " << text << "\nin: " << given;
    at = found + text.size();
  }
}

}  // namespace wasat::dialect::test
