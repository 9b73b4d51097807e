#include "node/message.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace wasat::node {
namespace {

Incoming read(std::string_view text) { return read_message(Buffer::copy_of(text)); }

TEST(NodeMessage, ARequestKeepsItsBodysBytes) {
  const Incoming incoming = read(
      R"({"id":"1","path":"/v1beta/models/m:x?alt=sse","body":{"z":1.0, "a":"\u00e9"},"method":"POST"})");
  ASSERT_EQ(incoming.kind, Incoming::Kind::kRequest);
  EXPECT_EQ(incoming.request.id, "1");
  EXPECT_EQ(incoming.request.method, "POST");
  EXPECT_EQ(incoming.request.path, "/v1beta/models/m:x?alt=sse");
  EXPECT_EQ(incoming.request.body, R"({"z":1.0, "a":"\u00e9"})");
}

TEST(NodeMessage, ARelayMaySendNeitherMethodNorBody) {
  for (const char* text : {R"({"id":"1","path":"/p"})", R"({"id":"1","path":"/p","body":null})"}) {
    const Incoming incoming = read(text);
    ASSERT_EQ(incoming.kind, Incoming::Kind::kRequest);
    EXPECT_TRUE(incoming.request.method.empty());
    EXPECT_TRUE(incoming.request.body.empty());
  }
}

TEST(NodeMessage, WhatElseRelaysSay) {
  const Incoming count = read(R"({"type":"cluster_sync","count":3})");
  EXPECT_EQ(count.kind, Incoming::Kind::kNodeCount);
  EXPECT_EQ(count.count, 3u);
  const Incoming cancel = read(R"({"type":"cancel","id":"7"})");
  EXPECT_EQ(cancel.kind, Incoming::Kind::kCancel);
  EXPECT_EQ(cancel.request.id, "7");
  for (const char* text : {"pong", "[]", "{}", R"({"id":"1"})", R"({"id":1,"path":"/p"})",
                           R"({"type":"new","id":"1","path":"/p"})", R"({"id":"1","path":"/p")"}) {
    EXPECT_EQ(read(text).kind, Incoming::Kind::kOther) << text;
  }
}

TEST(NodeMessage, WhatIsSaidHasTheFirstNodesForm) {
  EXPECT_EQ(failure_message("a\"b", {.status = 429, .error = R"({"error":{}})"}, false),
            R"({"id":"a\"b","success":false,"error":"{\"error\":{}}","status":429})");
  EXPECT_EQ(failure_message("1", {.error = "x", .retry_after = "7"}, true),
            R"({"id":"1","stream":true,"error":"x","retry_after":"7","done":true})");
  EXPECT_EQ(end_message("1"), R"({"id":"1","stream":true,"done":true})");
  EXPECT_EQ(payload_head("1") + "{}" + std::string(kPayloadTail),
            R"({"id":"1","success":true,"payload":{}})");
  BatchMessage batch("1");
  EXPECT_TRUE(batch.empty());
  batch.add("{}");
  batch.add(R"({"y":2})");
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(std::move(batch).finish(),
            R"({"id":"1","stream":true,"type":"batch","chunks":[{},{"y":2}]})");
}

}  // namespace
}  // namespace wasat::node
