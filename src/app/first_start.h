// The first start: an admin password and a client token, shown once.
//
// Start-up only. The secrets go to the terminal, or, when nobody sits there, to a
// file of mode 0600 whose path is printed; never to a log.

#pragma once

#include <cstdio>
#include <span>
#include <string>

#include "app/settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/keys.h"
#include "store/store.h"

namespace wasat::app {

struct FirstStart {
  bool made_something = false;
  // For standard output as it is: the secrets themselves, or where they are.
  // Empty when nothing was made.
  Secret message;
  // What was made, for examples on a terminal; empty: nothing.
  Secret client_token;
  Secret admin_password;
};

// Makes what neither `settings` nor the store have, adds it to `contents` and
// waits until it is stored. `on_terminal`: a person reads standard output.
Result<FirstStart> first_start(const Settings& settings, store::Contents& contents,
                               store::Store& store, const store::Keys& keys, const Clock& clock,
                               bool on_terminal);

// What to do when there is no credential; empty when there is one, or when nodes are expected.
std::string no_credential_hint(const Settings& settings, const store::Contents& contents);

// Whether relay nodes may come: the relay is open, or somebody was given a token for one.
bool expects_nodes(const Settings& settings, std::span<const store::Token> stored);

}  // namespace wasat::app
