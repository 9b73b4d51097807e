// An import's changes, into the store and into what runs. On the admin thread.

#pragma once

#include <expected>
#include <string>
#include <vector>

#include "admin/answer.h"
#include "store/records.h"

namespace wasat::admin {

struct Context;

// Everything administrative that there is now, credentials of the environment included.
store::Contents contents_of(const Context& context);

// All of `changes` or none; then calls use them at once. Returns the keys of settings that take
// effect at the next start.
std::expected<std::vector<std::string>, Refusal> apply_import(Context& context,
                                                              std::vector<store::Change> changes);

}  // namespace wasat::admin
