// Cargo: what an export holds and an import brings, whatever document it came in.
// Plain values.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/secret.h"
#include "store/records.h"

namespace wasat::admin::transfer {

// A setting's value in the syntax that it has everywhere.
struct CargoSetting {
  Secret value;
  bool secret = false;  // to be sealed
};

// What was not taken from a document, and why.
struct Remark {
  std::string what;  // a name from the document; no secret
  std::string why;   // with what to do
};

struct Cargo {
  // Without ids where the document has none.
  std::vector<store::Credential> credentials;
  // Their hashes are under one of `token_keys`.
  std::vector<store::Token> tokens;
  // Keys that tokens were hashed with, the exporting Wasat's own first. Without them
  // nobody could tell whether a client presents one of `tokens`.
  std::vector<Secret> token_keys;
  // Tokens in plain text, from programs that store them so.
  std::vector<Secret> plain_tokens;
  std::map<std::string, CargoSetting> settings;
  std::map<std::string, std::string> aliases;
  // What an operator signs in with elsewhere; taken only when asked for. May be empty.
  Secret admin_password;
  std::vector<Remark> remarks;
};

}  // namespace wasat::admin::transfer
