// Target: what a relay may have a node ask of Gemini, and how it is asked.
//
// A relay holds neither the key nor the node's trust: of a path nothing is passed on that
// was not understood, so that the key opens models and nothing else. Pure; any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasat::node {

struct Target {
  std::string_view method;  // "GET" or "POST"
  std::string path;         // "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
  bool stream = false;      // the answer is wanted in chunks
  bool all_pages = false;   // the list of models, from its first page to its last
};

// `method` may be empty: the first relays sent none, and meant POST. `path` is the client's,
// with its query; whatever stood in front of "/v1beta/" goes. Nothing: it is not for nodes.
std::optional<Target> read_target(std::string_view method, std::string_view path);

// One page of `target`, which is a list. `token`: of the page; empty: the first.
std::string page_path(const Target& target, std::string_view token);

}  // namespace wasat::node
