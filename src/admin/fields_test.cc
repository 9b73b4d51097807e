#include "admin/fields.h"

#include <gtest/gtest.h>

#include "base/body.h"

namespace wasat::admin {
namespace {

struct Parsed {
  explicit Parsed(std::string_view text) : bytes(Buffer::copy_of(text)) {
    root = document.parse(bytes->padded()).value();
  }
  std::shared_ptr<Buffer> bytes;
  json::Document document;
  json::Value root;
};

TEST(AdminFields, ReadsWhatIsAskedFor) {
  const Parsed parsed(R"({"a":"x","n":3,"b":true,"l":["p","q"],"z":null})");
  Fields fields(parsed.root);
  EXPECT_EQ(fields.text("a"), "x");
  EXPECT_EQ(fields.integer("n", 0, 5), 3);
  EXPECT_EQ(fields.boolean("b"), true);
  EXPECT_EQ(fields.texts("l", 2), (std::vector<std::string>{"p", "q"}));
  EXPECT_TRUE(fields.is_null("z"));
  EXPECT_EQ(fields.text("missing"), std::nullopt);
  EXPECT_FALSE(fields.problem());
}

TEST(AdminFields, NamesAnUnknownField) {
  const Parsed parsed(R"({"name":"x","nmae":"y"})");
  Fields fields(parsed.root, "items[2]");
  fields.text("name");
  ASSERT_TRUE(fields.problem());
  EXPECT_EQ(fields.problem()->code, "unknown_field");
  EXPECT_EQ(fields.problem()->field, "items[2].nmae");
  EXPECT_EQ(fields.problem()->remedy, "known are: name");
}

TEST(AdminFields, NamesTheFirstWrongField) {
  const Parsed parsed(R"({"a":1,"n":3.5,"big":9,"long":"abcdef","list":["x",1]})");
  const auto field_of = [&](auto read) {
    Fields fields(parsed.root);
    read(fields);
    return fields.problem() ? fields.problem()->field : "";
  };
  EXPECT_EQ(field_of([](Fields& f) { f.text("a"); }), "a");
  EXPECT_EQ(field_of([](Fields& f) { f.integer("n", 0, 9); }), "n");
  EXPECT_EQ(field_of([](Fields& f) { f.integer("big", 0, 8); }), "big");
  EXPECT_EQ(field_of([](Fields& f) { f.text("long", 5); }), "long");
  EXPECT_EQ(field_of([](Fields& f) { f.texts("list", 9); }), "list");
  EXPECT_EQ(field_of([](Fields& f) { f.require("gone", false); }), "gone");
}

TEST(AdminFields, WantsAnObject) {
  const Parsed parsed("[1]");
  EXPECT_TRUE(Fields(parsed.root).problem());
  EXPECT_FALSE(Fields(json::Value()).problem()) << "no body has no fields";
}

}  // namespace
}  // namespace wasat::admin
