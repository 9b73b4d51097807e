// Context: what the resources of the admin API work with. Made by Administration; outlives
// every call.

#pragma once

#include "account/admin_password.h"
#include "admin/jobs.h"
#include "admin/options.h"
#include "admin/registry.h"
#include "admin/sessions.h"
#include "admin/settings_port.h"
#include "admin/throttle.h"
#include "admin/transfer/known_settings.h"
#include "admin/watched.h"
#include "base/clock.h"
#include "base/snapshot.h"
#include "net/compute.h"
#include "observe/log.h"
#include "store/store.h"

namespace wasat::admin {

struct Context {
  const Clock& clock;
  store::Store& store;
  const store::Keys& keys;
  observe::Log& log;
  const Snapshot<Options>& options;
  account::AdminPassword& password;
  Registry& registry;
  SettingsPort& settings;
  const transfer::KnownSettings& known_settings;
  const Watched watched;
  Jobs& jobs;
  Sessions& sessions;
  Throttle& throttle;
  net::Compute& thread;  // the admin thread
};

}  // namespace wasat::admin
