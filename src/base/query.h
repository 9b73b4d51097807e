// The parameters of a URL's query ("a=1&b=%20").

#pragma once

#include <string_view>

namespace wasat {

// The first one's value as it stands, not decoded; empty: there is none.
std::string_view query_value(std::string_view query, std::string_view name);

}  // namespace wasat
