// `wasat export` and `wasat import`: the store's content to and from files, without a
// server. Each returns the exit code.

#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace wasat::app {

struct ExportCommand {
  Sources sources;
  std::string file;  // "-": standard output
};

struct ImportCommand {
  Sources sources;
  std::vector<std::string> files;  // "-": standard input
  bool replace = false;
  bool admin_password = false;
  bool dry_run = false;
};

// The passphrase is WASAT_PASSPHRASE, or asked for on the terminal: what stands on a command
// line can be read by every user of the machine.
int export_to_file(ExportCommand command);
int import_from_files(ImportCommand command);

}  // namespace wasat::app
