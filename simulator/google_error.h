// Refusals in Google's words and form.

#pragma once

#include <string>
#include <string_view>

namespace wasat::simulator {

struct GoogleError {
  int code = 0;
  std::string body;  // compact JSON: {"error":{...}}
};

// `details` is the inside of a JSON array, or empty.
GoogleError google_error(int code, std::string_view status, std::string_view message,
                         std::string_view details = {});
GoogleError invalid_argument(std::string_view message, std::string_view details = {});

// The details that Google sends, each one a JSON object.
std::string error_info(std::string_view reason);
std::string retry_info(std::string_view delay);
std::string quota_violation(std::string_view metric, std::string_view id, std::string_view model,
                            std::string_view value);
std::string quota_failure(std::string_view violations);
std::string quota_help();

GoogleError invalid_key();
GoogleError no_key();
GoogleError unknown_model(std::string_view model, std::string_view version,
                          std::string_view method);

}  // namespace wasat::simulator
