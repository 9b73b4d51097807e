#include "relay/body_check.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <string>

namespace wasat::relay {
namespace {

using State = BodyCheck::State;

Body rope(std::initializer_list<std::string> pieces) {
  Body body;
  for (const std::string& piece : pieces) {
    const auto owner = std::make_shared<const std::string>(piece);
    body.append(*owner, owner);
  }
  return body;
}

State checked(const Body& body, std::size_t step) {
  BodyCheck check(body);
  for (std::size_t steps = 0; steps <= body.size() / step + 1; ++steps) {
    const State state = check.step(step);
    if (state != State::kMore) return state;
  }
  return State::kMore;
}

TEST(BodyCheck, ARopeIsOneText) {
  for (const std::size_t step : {1u, 2u, 7u, 1'000u}) {
    EXPECT_EQ(checked(rope({"{\"te", "xt\":\"\xc3", "\xa4\"", "}"}), step), State::kGood);
    EXPECT_EQ(checked(rope({"{\"te", "xt\":\"\xc3", "\"", "}"}), step), State::kBad);
    EXPECT_EQ(checked(rope({"{}", ", \"method\":\"GET\""}), step), State::kBad);
    EXPECT_EQ(checked(rope({"{}", "{}"}), step), State::kBad);
    EXPECT_EQ(checked(rope({"{"}), step), State::kBad);
    EXPECT_EQ(checked(rope({"\"\xc3"}), step), State::kBad);
    EXPECT_EQ(checked(Body(), step), State::kBad);
  }
}

TEST(BodyCheck, ReadsNoMoreThanItMay) {
  const Body body = rope({std::string(10, ' '), "x"});
  BodyCheck check(body);
  EXPECT_EQ(check.step(10), State::kMore);
  EXPECT_EQ(check.step(1), State::kBad);
}

}  // namespace
}  // namespace wasat::relay
