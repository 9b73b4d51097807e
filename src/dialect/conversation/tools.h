// Tools of any dialect, written as Gemini's tools and toolConfig.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/conversation/tool_names.h"
#include "gemini/call.h"
#include "gemini/model_table.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect {

// Far above what models handle; bounds the work on names.
inline constexpr std::size_t kMaxTools = 2048;

struct ToolPlan {
  struct Function {
    std::string_view gemini_name;  // of ToolNames
    json::Value description;       // a string or absent
    json::Value schema;            // JSON Schema, an object or absent
    bool custom = false;           // one string parameter "input" instead of `schema`
    json::Value grammar;           // of a custom tool: a string or absent
  };
  // How the model is to call: kAny must call one, kValidated may, but then rightly.
  enum class Mode : std::uint8_t { kAuto, kNone, kAny, kValidated };

  std::vector<Function> functions;
  bool search = false;
  bool code_execution = false;
  bool url_context = false;
  Mode mode = Mode::kAuto;
  std::vector<std::string> allowed;  // with kAny, Gemini's names; empty: all

  bool has_builtin() const { return search || code_execution || url_context; }
  bool any() const { return !functions.empty() || has_builtin(); }
};

// Up to 2.5 a request with functions and built-in tools is refused: functions
// win. Appends the members "tools" and "toolConfig" where there is something to say. `call` is
// told whether its answer may search.
void write_tools(json::Writer& writer, ToolPlan plan, const gemini::ModelFamily& family,
                 gemini::Call& call);

}  // namespace wasat::dialect
