// `.env` files: NAME=value, a line each, as Docker, dotenv and shells write them.
//
// A pure function. Known: `export`, comments, single and double quotes (which may span
// lines), escapes within double quotes, unquoted JSON arrays and objects over several
// lines, CRLF, a byte order mark. Nothing is expanded: `$HOME` is five characters.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace wasat::admin::transfer {

struct EnvFile {
  struct Value {
    std::string name;
    Secret text;
  };
  std::vector<Value> values;           // in the order of the file; later ones count
  std::vector<std::size_t> odd_lines;  // numbers of lines that are none of this; the first 100
  std::size_t odd = 0;                 // how many there are
};

EnvFile read_env_file(std::string_view text);

// Whether it has lines like NAME=value and not more others than such.
bool looks_like_env_file(std::string_view text);

}  // namespace wasat::admin::transfer
