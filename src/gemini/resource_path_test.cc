#include "gemini/resource_path.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

using Action = ResourcePath::Action;

TEST(ResourcePath, Collections) {
  const struct {
    const char* method;
    const char* path;
    ResourceKind kind;
    Action action;
  } rows[] = {
      {"GET", "/v1beta/files", ResourceKind::kFiles, Action::kList},
      {"GET", "/v1beta/files/", ResourceKind::kFiles, Action::kList},
      {"GET", "/v1beta//files", ResourceKind::kFiles, Action::kList},
      {"GET", "/v1beta/%66iles", ResourceKind::kFiles, Action::kList},
      {"POST", "/v1beta/files:register", ResourceKind::kFiles, Action::kCreate},
      {"POST", "/upload/v1beta/files", ResourceKind::kFiles, Action::kCreate},
      {"POST", "/v1/cachedContents", ResourceKind::kCaches, Action::kCreate},
      {"POST", "/v1beta/fileSearchStores", ResourceKind::kStores, Action::kCreate},
      {"POST", "/v1beta/models/m:batchGenerateContent", ResourceKind::kBatches, Action::kCreate},
      {"POST", "/v1beta/models/m:asyncBatchEmbedContent", ResourceKind::kBatches, Action::kCreate},
      {"HEAD", "/v1beta/batches", ResourceKind::kBatches, Action::kList},
      {"POST", "/v1beta/models/m:predictLongRunning", ResourceKind::kOperations, Action::kCreate},
      {"GET", "/v1beta/models/m/operations", ResourceKind::kOperations, Action::kList},
      {"POST", "/v1beta/interactions", ResourceKind::kInteractions, Action::kCreate},
      {"POST", "/v1alpha/auth_tokens", ResourceKind::kEphemeralTokens, Action::kCreate},
      {"GET", "/v1beta/tunedModels", ResourceKind::kTunedModels, Action::kList},
  };
  for (const auto& row : rows) {
    const ResourcePath found = read_resource_path(row.method, row.path);
    EXPECT_EQ(found.kind, row.kind) << row.path;
    EXPECT_EQ(found.action, row.action) << row.path;
    EXPECT_EQ(found.owned, "") << row.path;
  }
  EXPECT_EQ(read_resource_path("GET", "/v1beta/models/m/operations").collection,
            "models/m/operations/");
}

TEST(ResourcePath, WhatBelongsToAnAccount) {
  const std::pair<const char*, const char*> rows[] = {
      {"/v1beta/files/abc", "files/abc"},
      {"/v1beta/files/abc:download", "files/abc"},
      {"/download/v1beta/files/abc:download", "files/abc"},
      {"/v1beta/files%2Fabc", "files/abc"},
      {"/v1beta/files/%61bc", "files/abc"},
      {"/v1beta/cachedContents/c", "cachedContents/c"},
      {"/v1beta/fileSearchStores/s/documents/d", "fileSearchStores/s"},
      {"/v1beta/fileSearchStores/s/upload/operations/o", "fileSearchStores/s"},
      {"/v1beta/fileSearchStores/s:importFile", "fileSearchStores/s"},
      {"/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", "fileSearchStores/s"},
      {"/v1beta/batches/b:cancel", "batches/b"},
      {"/v1beta/models/m/operations/o", "models/m/operations/o"},
      {"/v1beta/operations/o", "operations/o"},
      {"/v1beta/interactions/i/cancel", "interactions/i"},
      {"/v1beta/tunedModels/t/operations/o", "tunedModels/t"},
  };
  for (const auto& [path, owned] : rows) {
    EXPECT_EQ(read_resource_path("POST", path).owned, owned) << path;
    EXPECT_EQ(read_resource_path("POST", path).action, Action::kUse) << path;
  }
  EXPECT_TRUE(read_resource_path("DELETE", "/v1beta/files/abc").removes);
  EXPECT_FALSE(read_resource_path("DELETE", "/v1beta/fileSearchStores/s/documents/d").removes);
  EXPECT_FALSE(read_resource_path("GET", "/v1beta/files/abc").removes);
}

TEST(ResourcePath, TheRestIsOther) {
  for (const char* path :
       {"/v1beta/webhooks", "/v1beta/agents/a", "/v1beta/Files/abc", "/v1beta", "/", "", ":",
        "/v1beta/:x", "/v1beta/models/m:unknown", "/v1beta/projects/p/files/abc"}) {
    const ResourcePath found = read_resource_path("POST", path);
    EXPECT_EQ(found.kind, ResourceKind::kOther) << path;
    EXPECT_EQ(found.owned, "") << path;
    EXPECT_FALSE(found.free) << path;
  }
  EXPECT_TRUE(read_resource_path("POST", "/v1beta/models/m:predict").free);
}

TEST(ResourcePath, KindsOfNames) {
  EXPECT_EQ(kind_of_resource("files/a"), ResourceKind::kFiles);
  EXPECT_EQ(kind_of_resource("models/m/operations/o"), ResourceKind::kOperations);
  for (const char* name : {"files", "files/", "files/a/b", "/files/a", "v1beta/files/a", "x/y",
                           "files/a:download", "upload/files/a", "fil%65s/a", ""}) {
    EXPECT_EQ(kind_of_resource(name), ResourceKind::kOther) << name;
  }
}

TEST(ResourceUri, Files) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://generativelanguage.googleapis.com/v1beta/files/abc", "files/abc"},
      {"HTTPS://GenerativeLanguage.googleapis.com./v1beta/files/abc", "files/abc"},
      {"https://u@generativelanguage.googleapis.com:443/v1beta//files/%61bc?x#y", "files/abc"},
      {"https://generativelanguage.googleapis.com/v1beta/files/abc:download?alt=media",
       "files/abc"},
      {"http://127.0.0.1:1/v1beta/files/abc", "files/abc"},
      {"files/abc", "files/abc"},
      {"/files/abc", "files/abc"},
      {"abc", "abc"},
      {"https://generativelanguage.googleapis.com/elsewhere",
       "https://generativelanguage.googleapis.com/elsewhere"},
      {"https://www.youtube.com/watch?v=abc", ""},
      {"https://example.com/files/abc", ""},
      {"https://storage.googleapis.com/bucket/files/abc", ""},
      {"gs://bucket/files/abc", ""},
      {"youtube.com/watch", ""},
      {"", ""},
  };
  for (const auto& [uri, file] : rows) EXPECT_EQ(resource_of_uri(uri), file) << uri;
}

}  // namespace
}  // namespace wasat::gemini
