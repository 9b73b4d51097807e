// `wasat serve`: from the command line to a service that has drained.

#pragma once

#include "app/settings.h"

namespace wasat::app {

struct ServeOptions {
  Sources sources;
  bool demo = false;  // against a simulator within the process
};

// Runs until SIGINT or SIGTERM, then drains; a second signal cuts what is left.
// Returns the exit code.
int serve(ServeOptions options);

}  // namespace wasat::app
