// Asks for a passphrase: from the environment, or on the terminal without echo. For commands.

#pragma once

#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace wasat::app {

inline constexpr std::string_view kPassphraseVariable = "WASAT_PASSPHRASE";

// `twice`: a new one, which must not be mistyped.
Result<Secret> ask_for_passphrase(bool twice);

}  // namespace wasat::app
