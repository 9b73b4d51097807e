// What the operator has decided about the admin API; changes live, as a snapshot.

#pragma once

#include <chrono>

#include "admin/guard.h"
#include "admin/sessions.h"

namespace wasat::admin {

struct Options {
  GuardOptions guard;
  SessionLimits sessions;
  std::chrono::milliseconds audit_age{std::chrono::days(90)};
};

}  // namespace wasat::admin
