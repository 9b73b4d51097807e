#include "account/allowed.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

using gemini::ResourceKind;

TEST(Allowed, ReadsWhatItWrites) {
  for (const Allowed allowed : {Allowed::none(), Allowed::owned(), Allowed::all()}) {
    EXPECT_EQ(Allowed::parse(allowed.text()).value(), allowed) << allowed.text();
  }
  const Allowed some = Allowed::parse("files, caches\nother").value();
  EXPECT_TRUE(some(ResourceKind::kFiles));
  EXPECT_TRUE(some(ResourceKind::kOther));
  EXPECT_FALSE(some(ResourceKind::kBatches));
  EXPECT_EQ(some.text(), "files,caches,other");
  EXPECT_EQ(Allowed::parse("").value(), Allowed::none());
  EXPECT_FALSE(Allowed::parse("files,everything"));
}

TEST(Allowed, TrustInRelayNodesIsAWordOfItsOwn) {
  for (const Allowed allowed : {Allowed::none(), Allowed::owned(), Allowed::all()}) {
    EXPECT_FALSE(allowed.relay());
  }
  for (const char* words : {"relay", "relay,all", "all,relay", "files relay"}) {
    const Allowed allowed = Allowed::parse(words).value();
    EXPECT_TRUE(allowed.relay()) << words;
    EXPECT_EQ(Allowed::parse(allowed.text()).value(), allowed) << words;
  }
  EXPECT_EQ(Allowed::parse("relay,all").value().text(), "all,relay");
  EXPECT_EQ(Allowed::parse("relay").value().text(), "relay");
  EXPECT_TRUE(Allowed::parse("relay,all").value()(ResourceKind::kOther));
}

TEST(Allowed, FailsClosed) {
  const Allowed usual = Allowed::owned();
  for (const auto kind :
       {ResourceKind::kEphemeralTokens, ResourceKind::kTunedModels, ResourceKind::kOther}) {
    EXPECT_FALSE(usual(kind)) << gemini::resource_kind_name(kind);
    EXPECT_FALSE(Allowed()(kind));
  }
  EXPECT_TRUE(usual(ResourceKind::kFiles));
  EXPECT_TRUE(usual(ResourceKind::kLive));
}

}  // namespace
}  // namespace wasat::account
