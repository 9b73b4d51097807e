// What `wasat node` is told, by flags, environment and files, as the node's options. Start-up only.

#pragma once

#include "app/node_command.h"
#include "app/settings.h"
#include "node/options.h"

namespace wasat::app {

struct NodeSetup {
  node::Options options;
  Settings settings;                   // the gateway's, as the environment has them
  std::vector<std::string> reminders;  // for people
};

// Errors say what to mend, and no secret.
Result<NodeSetup> read_node_options(const NodeCommand& command);

}  // namespace wasat::app
