// What each key has made in the simulated account: files, caches, stores,
// batches, operations, interactions. Another key cannot see it.
//
// Shared by the simulators of all workers; any thread. Bounded in number: beyond
// that the oldest goes.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/sha256.h"

namespace wasat::simulator {

// One resource. What a kind does not have stays empty.
struct Holding {
  std::string name;    // "files/k3v9x0q2m1ab"
  std::string key;     // whose it is
  std::string parent;  // of documents and operations: "fileSearchStores/x"
  std::string display_name;
  std::string mime_type;
  std::string sha256;  // in hex digits
  std::uint64_t size = 0;
  std::string json;        // what else belongs into its answer: members, compact, or empty
  std::string result;      // of an operation: the response that it will have
  std::int64_t made = 0;   // unix seconds
  std::int64_t ends = 0;   // expiry; 0: never
  int polls = 0;           // how often its state was asked for
  bool generated = false;  // a file that can be downloaded
  std::uint64_t number = 0;
};

// An upload that has begun.
struct Upload {
  std::string key;
  std::string target;  // "files", "fileSearchStores/x"
  std::string version;
  std::string display_name;
  std::string mime_type;
  std::string wanted_name;  // "files/mine", or empty
  std::optional<std::uint64_t> announced;
  std::uint64_t received = 0;
  std::shared_ptr<Sha256> hash;  // of what was received
};

class Holdings {
 public:
  explicit Holdings(std::uint64_t seed) : seed_(seed) {}

  // A name that nothing has: prefix and twelve letters and digits.
  std::string new_name(std::string_view prefix);
  // False: the name is taken.
  bool put(Holding holding);
  // What this key has under this name; counts a poll when asked to.
  std::optional<Holding> find(std::string_view key, std::string_view name, bool poll = false);
  bool exists(std::string_view name) const;
  bool remove(std::string_view key, std::string_view name);
  // The key's resources whose names begin so, without those with another parent;
  // newest first.
  std::vector<Holding> list(std::string_view key, std::string_view prefix,
                            std::string_view parent) const;

  std::string begin_upload(Upload upload);  // its id
  std::optional<Upload> find_upload(std::string_view id) const;
  void update_upload(std::string_view id, const Upload& upload);
  void end_upload(std::string_view id);

 private:
  static constexpr std::size_t kMost = 4096;
  std::string random_name(std::string_view prefix);

  const std::uint64_t seed_;
  mutable std::mutex mutex_;
  std::uint64_t counter_ = 0;
  std::map<std::string, Holding, std::less<>> holdings_;
  std::map<std::string, Upload, std::less<>> uploads_;
};

}  // namespace wasat::simulator
