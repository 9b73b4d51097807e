#include "relay/body_message.h"

#include <gtest/gtest.h>

#include "json/generated_test.h"
#include "json/reader.h"
#include "relay/body_check.h"
#include "relay/heard_test.h"

namespace wasat::relay {
namespace {

using json::test::Generated;
using test::whole;

// A rope of the text, cut anywhere.
Body rope(std::string text, Generated& generated) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  Body body;
  for (const std::string_view part : generated.parts(*owner)) body.append(part, owner);
  return body;
}

bool is_good(const Body& body) {
  return BodyCheck(body).step(body.size()) == BodyCheck::State::kGood;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::vector<std::string> pieces(OutgoingMessage& message) {
  std::vector<std::string> pieces;
  for (std::string_view piece = message.next(); !piece.empty(); piece = message.next()) {
    pieces.emplace_back(piece);
  }
  EXPECT_TRUE(message.next().empty());
  return pieces;
}

TEST(BodyMessage, ASmallMessageIsOnePiece) {
  Generated generated(1);
  const Body body = rope(R"({"a":"b","c":[1,2,3]})", generated);
  BodyMessage value("<", &body, BodyMessage::Form::kValue, ">");
  EXPECT_EQ(pieces(value), std::vector<std::string>{R"(<{"a":"b","c":[1,2,3]}>)"});
  BodyMessage string("<", &body, BodyMessage::Form::kString, ">");
  EXPECT_EQ(pieces(string), std::vector<std::string>{R"(<{\"a\":\"b\",\"c\":[1,2,3]}>)"});
  BodyMessage none("<", nullptr, BodyMessage::Form::kValue, ">");
  EXPECT_EQ(pieces(none), std::vector<std::string>{"<>"});
}

TEST(BodyMessage, LongStretchesAreViews) {
  const auto owner = std::make_shared<const std::string>("\"" + std::string(1 << 20, 'A') + "\"");
  Body body;
  body.append(*owner, owner);
  for (const BodyMessage::Form form : {BodyMessage::Form::kValue, BodyMessage::Form::kString}) {
    BodyMessage message("{", &body, form, "}");
    std::size_t seen = 0;
    std::string joined;
    for (std::string_view piece = message.next(); !piece.empty(); piece = message.next()) {
      joined += piece;
      const bool is_view =
          piece.data() >= owner->data() && piece.data() < owner->data() + owner->size();
      if (is_view) {
        seen += piece.size();
      } else {
        EXPECT_LE(piece.size(), 64u * 1024);
      }
    }
    EXPECT_GE(seen, 1u << 20);
    const bool is_string = form == BodyMessage::Form::kString;
    EXPECT_EQ(joined,
              is_string ? "{\\\"" + std::string(1 << 20, 'A') + "\\\"}" : "{" + *owner + "}");
  }
}

TEST(BodyMessage, WhatIsShortIsGatheredInBoundedPieces) {
  std::string text(300'000, '"');
  Generated generated(1);
  const Body body = rope(text, generated);
  BodyMessage message("", &body, BodyMessage::Form::kString, "");
  std::string joined;
  for (const std::string& piece : pieces(message)) {
    EXPECT_LE(piece.size(), 64u * 1024);
    joined += piece;
  }
  EXPECT_EQ(joined.size(), 2 * text.size());
}

TEST(BodyMessage, AStringReadsBackAsTheBody) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    Generated generated(seed);
    const std::string text = generated.value(4) + generated.space();
    const Body body = rope(text, generated);
    BodyMessage message("{\"body\":\"", &body, BodyMessage::Form::kString, "\"}");
    json::Document document;
    const auto sent = Buffer::copy_of(whole(message));
    const auto root = document.parse(sent->padded());
    ASSERT_TRUE(root.has_value()) << text;
    EXPECT_EQ((*root)["body"].string_or(""), text);
  }
}

TEST(BodyMessage, EveryControlCharacterIsEscaped) {
  std::string text;
  for (char c = 0; c < 0x20; ++c) text += c;
  const Body body = Body::of(text + "\x7f");
  BodyMessage message("\"", &body, BodyMessage::Form::kString, "\"");
  json::Document document;
  const auto sent = Buffer::copy_of(whole(message));
  const auto value = document.parse(sent->padded());
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->string_or(""), text + "\x7f");
}

// Whoever makes requests asks BodyCheck or the reader; then no body speaks in our name.
TEST(BodyMessage, ABodyThatIsJsonStaysAValue) {
  for (const std::string_view body :
       {R"({}, "method":"GET")", R"({}})", R"({},"path":"/v1beta/files")", R"({"a":1)", "", " ",
        R"("{}","id":"x")", "{}{}", "\"", "{\"a\":\"\xff\"}"}) {
    EXPECT_FALSE(is_good(Body::of(std::string(body)))) << body;
  }
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    Generated generated(seed);
    std::string text = generated.value(3);
    if (seed % 2 == 0) text = generated.damaged(text);
    const Body body = rope(text, generated);
    if (!is_good(body)) continue;
    const std::unique_ptr<Protocol> applet = make_applet_protocol();
    const std::unique_ptr<OutgoingMessage> message =
        applet->request({.id = "r-1", .method = "POST", .path = "/x", .query = {}, .body = &body});
    json::Document document;
    const auto sent = Buffer::copy_of(whole(*message));
    const auto root = document.parse(sent->padded());
    ASSERT_TRUE(root.has_value()) << text;
    EXPECT_EQ(root->size(), 4u) << text;
    EXPECT_EQ((*root)["method"].string_or(""), "POST") << text;
    EXPECT_EQ((*root)["body"].raw(), trimmed(text)) << text;
  }
}

}  // namespace
}  // namespace wasat::relay
