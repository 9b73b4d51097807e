// What the parts of a raw exchange tell one another.

#pragma once

#include <coroutine>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "gemini/resource_path.h"
#include "json/reader.h"
#include "net/loop.h"
#include "store/store.h"

namespace wasat::gateway {

// What an answer is about.
struct RawAnswer {
  gemini::ResourcePath path;
  std::string http_method;
  std::string credential_id;
};

// What became of reading one resource of a list.
struct OwnRead {
  std::string json;  // empty: it is gone, or out of reach
  bool gone = false;
  std::optional<Error> failed;
};

// The resources that an answer names as made, or as now the client's: by their
// place in it, never by what a text in it looks like. Without a token's id.
std::vector<store::Resource> resources_in(const RawAnswer& about, json::Value answer,
                                          store::Time now);
// Whether resources_in() could find anything in an answer to this.
bool may_name_resources(const RawAnswer& about);

// "2026-11-21T10:09:15.123Z" (RFC 3339, as proto3 JSON writes it).
std::optional<store::Time> read_time(std::string_view text);

// co_await written(...): the store has the changes, or could not take them
// (Store::status() says why; requests go on from memory).
class Written {
 public:
  Written(store::Store& store, net::Loop& loop, std::vector<store::Change> changes)
      : store_(store), loop_(loop), changes_(std::move(changes)) {}
  bool await_ready() const { return changes_.empty(); }
  void await_suspend(std::coroutine_handle<> handle) {
    store_.write(std::move(changes_), [&loop = loop_, handle](const Result<>&) {
      loop.post([handle] { handle.resume(); });
    });
  }
  void await_resume() const {}

 private:
  store::Store& store_;
  net::Loop& loop_;
  std::vector<store::Change> changes_;
};

inline Written written(store::Store& store, net::Loop& loop, std::vector<store::Change> changes) {
  return {store, loop, std::move(changes)};
}

}  // namespace wasat::gateway
