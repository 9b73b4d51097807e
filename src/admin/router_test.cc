#include "admin/router.h"

#include <gtest/gtest.h>

namespace wasat::admin {
namespace {

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/things"},          {.method = "POST", .path = "/things"},
    {.method = "GET", .path = "/things/{id}"},     {.method = "DELETE", .path = "/things/{id}"},
    {.method = "POST", .path = "/things/{id}/on"}, {.method = "GET", .path = "/things/special"},
};

Match find(std::string_view method, std::string_view path) {
  static const std::span<const Route> all[] = {kRoutes};
  return find_route(all, method, path);
}

TEST(AdminRouter, FindsByMethodAndPath) {
  EXPECT_EQ(find("POST", "/things").route, &kRoutes[1]);
  EXPECT_EQ(find("GET", "/things/").route, &kRoutes[0]);
  const Match match = find("POST", "/things/a%2Fb/on");
  EXPECT_EQ(match.route, &kRoutes[4]);
  EXPECT_EQ(match.parameters, std::vector<std::string>{"a/b"});
}

TEST(AdminRouter, WordsOutrankParameters) {
  EXPECT_EQ(find("GET", "/things/special").route, &kRoutes[5]);
  EXPECT_EQ(find("DELETE", "/things/special").route, &kRoutes[3]);
}

TEST(AdminRouter, TellsWhichMethodsThereAre) {
  const Match match = find("PUT", "/things/7");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, DELETE");
  EXPECT_EQ(find("GET", "/nothing").allowed, "");
  for (const std::string_view path : {"", "/", "//", "/things//on", "/things/7/on/8", "things7"}) {
    EXPECT_EQ(find("POST", path).route, nullptr) << path;
  }
}

}  // namespace
}  // namespace wasat::admin
