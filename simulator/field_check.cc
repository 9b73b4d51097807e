#include "simulator/field_check.h"

#include <algorithm>
#include <array>
#include <string>

#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

using enum Message;

struct Row {
  Message owner;
  std::string_view name;
  Message type = kAny;
  bool repeated = false;
};

constexpr std::array kRows = {
    Row{kGenerateRequest, "model"},
    Row{kGenerateRequest, "contents", kContent, true},
    Row{kGenerateRequest, "systemInstruction", kContent},
    Row{kGenerateRequest, "tools", kTool, true},
    Row{kGenerateRequest, "toolConfig", kToolConfig},
    Row{kGenerateRequest, "safetySettings", kSafetySetting, true},
    Row{kGenerateRequest, "generationConfig", kGenerationConfig},
    Row{kGenerateRequest, "cachedContent"},
    Row{kGenerateRequest, "serviceTier"},
    Row{kGenerateRequest, "labels"},
    Row{kGenerateRequest, "store"},
    Row{kGenerateRequest, "continuationToken"},
    Row{kCountRequest, "model"},
    Row{kCountRequest, "contents", kContent, true},
    Row{kCountRequest, "generateContentRequest", kGenerateRequest},
    Row{kEmbedRequest, "model"},
    Row{kEmbedRequest, "content", kContent},
    Row{kEmbedRequest, "taskType"},
    Row{kEmbedRequest, "title"},
    Row{kEmbedRequest, "outputDimensionality"},
    Row{kEmbedRequest, "embedContentConfig"},
    Row{kBatchEmbedRequest, "requests", kEmbedRequest, true},
    Row{kContent, "parts", kPart, true},
    Row{kContent, "role"},
    Row{kPart, "text"},
    Row{kPart, "inlineData", kBlob},
    Row{kPart, "fileData", kFileData},
    Row{kPart, "functionCall", kFunctionCall},
    Row{kPart, "functionResponse", kFunctionResponse},
    Row{kPart, "executableCode"},
    Row{kPart, "codeExecutionResult"},
    Row{kPart, "toolCall"},
    Row{kPart, "toolResponse"},
    Row{kPart, "thought"},
    Row{kPart, "thoughtSignature"},
    Row{kPart, "videoMetadata"},
    Row{kPart, "mediaResolution"},
    Row{kPart, "mediaProcessing"},
    Row{kPart, "partMetadata"},
    Row{kPart, "speechMetadata"},
    Row{kPart, "audioTranscription"},
    Row{kBlob, "mimeType"},
    Row{kBlob, "data"},
    Row{kBlob, "displayName"},
    Row{kFileData, "mimeType"},
    Row{kFileData, "fileUri"},
    Row{kFileData, "displayName"},
    Row{kFunctionCall, "id"},
    Row{kFunctionCall, "name"},
    Row{kFunctionCall, "args"},
    Row{kFunctionCall, "partialArgs"},
    Row{kFunctionCall, "willContinue"},
    Row{kFunctionResponse, "id"},
    Row{kFunctionResponse, "name"},
    Row{kFunctionResponse, "response"},
    Row{kFunctionResponse, "parts"},
    Row{kFunctionResponse, "scheduling"},
    Row{kFunctionResponse, "willContinue"},
    Row{kTool, "functionDeclarations", kFunctionDeclaration, true},
    Row{kTool, "googleSearch"},
    Row{kTool, "googleSearchRetrieval"},
    Row{kTool, "urlContext"},
    Row{kTool, "codeExecution"},
    Row{kTool, "googleMaps"},
    Row{kTool, "fileSearch"},
    Row{kTool, "computerUse"},
    Row{kTool, "mcpServers"},
    Row{kFunctionDeclaration, "name"},
    Row{kFunctionDeclaration, "description"},
    Row{kFunctionDeclaration, "parameters", kSchema},
    Row{kFunctionDeclaration, "parametersJsonSchema"},
    Row{kFunctionDeclaration, "response", kSchema},
    Row{kFunctionDeclaration, "responseJsonSchema"},
    Row{kFunctionDeclaration, "behavior"},
    Row{kSchema, "type"},
    Row{kSchema, "format"},
    Row{kSchema, "title"},
    Row{kSchema, "description"},
    Row{kSchema, "nullable"},
    Row{kSchema, "enum"},
    Row{kSchema, "items", kSchema},
    Row{kSchema, "maxItems"},
    Row{kSchema, "minItems"},
    Row{kSchema, "properties", kMapOfSchema},
    Row{kSchema, "required"},
    Row{kSchema, "minProperties"},
    Row{kSchema, "maxProperties"},
    Row{kSchema, "minLength"},
    Row{kSchema, "maxLength"},
    Row{kSchema, "pattern"},
    Row{kSchema, "example"},
    Row{kSchema, "anyOf", kSchema, true},
    Row{kSchema, "propertyOrdering"},
    Row{kSchema, "default"},
    Row{kSchema, "minimum"},
    Row{kSchema, "maximum"},
    Row{kToolConfig, "functionCallingConfig", kCallingConfig},
    Row{kToolConfig, "retrievalConfig"},
    Row{kToolConfig, "includeServerSideToolInvocations"},
    Row{kCallingConfig, "mode"},
    Row{kCallingConfig, "allowedFunctionNames"},
    Row{kCallingConfig, "streamFunctionCallArguments"},
    Row{kSafetySetting, "category"},
    Row{kSafetySetting, "threshold"},
    Row{kSafetySetting, "method"},
    Row{kGenerationConfig, "temperature"},
    Row{kGenerationConfig, "topP"},
    Row{kGenerationConfig, "topK"},
    Row{kGenerationConfig, "candidateCount"},
    Row{kGenerationConfig, "maxOutputTokens"},
    Row{kGenerationConfig, "stopSequences"},
    Row{kGenerationConfig, "responseMimeType"},
    Row{kGenerationConfig, "responseSchema", kSchema},
    Row{kGenerationConfig, "responseJsonSchema"},
    Row{kGenerationConfig, "responseFormat"},
    Row{kGenerationConfig, "responseModalities"},
    Row{kGenerationConfig, "seed"},
    Row{kGenerationConfig, "presencePenalty"},
    Row{kGenerationConfig, "frequencyPenalty"},
    Row{kGenerationConfig, "responseLogprobs"},
    Row{kGenerationConfig, "logprobs"},
    Row{kGenerationConfig, "thinkingConfig", kThinkingConfig},
    Row{kGenerationConfig, "speechConfig"},
    Row{kGenerationConfig, "imageConfig", kImageConfig},
    Row{kGenerationConfig, "mediaResolution"},
    Row{kGenerationConfig, "audioTranscriptionConfig"},
    Row{kGenerationConfig, "enableEnhancedCivicAnswers"},
    Row{kGenerationConfig, "enableAffectiveDialog"},
    Row{kGenerationConfig, "translationConfig"},
    Row{kThinkingConfig, "includeThoughts"},
    Row{kThinkingConfig, "thinkingBudget"},
    Row{kThinkingConfig, "thinkingLevel"},
    Row{kImageConfig, "aspectRatio"},
    Row{kImageConfig, "imageSize"},
    Row{kImageConfig, "personGeneration"},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::owner), "rows of one message stand together");

std::string snake(std::string_view camel) {
  std::string out;
  for (const char c : camel) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c + 32);
    } else {
      out += c;
    }
  }
  return out;
}

class Checker {
 public:
  void check(json::Value value, Message message, const std::string& where) {
    if (message == kAny || value.is_null() || violations_.size() >= 20) return;
    if (!value.is_object()) return wrong_type(value, where);
    if (message == kMapOfSchema) return check_map(value, where);
    const auto rows = std::ranges::equal_range(kRows, message, {}, &Row::owner);
    for (const json::Value member : value) {
      const auto row = std::ranges::find_if(
          rows, [&](const Row& candidate) { return is_field(member.key(), candidate.name); });
      if (row == rows.end()) {
        unknown(member.key(), where);
        continue;
      }
      if (row->type == kAny) continue;
      const std::string inner = (where.empty() ? "" : where + ".") + snake(row->name);
      if (row->repeated && member.is_array()) {
        std::size_t index = 0;
        for (const json::Value element : member) {
          check(element, row->type, inner + "[" + std::to_string(index++) + "]");
        }
      } else if (member.is_array()) {
        add("Invalid value at '" + inner + "'. Proto field is not repeating, cannot start list.",
            inner);
      } else {
        check(member, row->type, row->repeated ? inner + "[0]" : inner);
      }
    }
  }

  std::optional<GoogleError> result() const {
    if (violations_.empty()) return std::nullopt;
    std::string message;
    std::string detail;
    json::Writer writer(detail);
    writer.begin_object()
        .member("@type", "type.googleapis.com/google.rpc.BadRequest")
        .key("fieldViolations")
        .begin_array();
    for (const Violation& violation : violations_) {
      if (!message.empty()) message += '\n';
      message += violation.description;
      writer.begin_object();
      if (!violation.field.empty()) writer.member("field", violation.field);
      writer.member("description", violation.description).end_object();
    }
    writer.end_array().end_object();
    return invalid_argument(message, detail);
  }

 private:
  struct Violation {
    std::string field;
    std::string description;
  };

  // proto maps are lists of key and value.
  void check_map(json::Value map, const std::string& where) {
    std::size_t index = 0;
    for (const json::Value member : map) {
      check(member, kSchema, where + "[" + std::to_string(index++) + "].value");
    }
  }
  void unknown(std::string_view name, const std::string& where) {
    std::string text = "Invalid JSON payload received. Unknown name \"";
    text.append(beginning(name, 128)).append("\"");
    if (!where.empty()) text.append(" at '").append(where).append("'");
    add(text + ": Cannot find field.", where);
  }
  void wrong_type(json::Value value, const std::string& where) {
    add("Invalid value at '" + where + "', " + std::string(beginning(value.raw(), 128)), where);
  }
  void add(std::string description, const std::string& field) {
    violations_.push_back({.field = field, .description = std::move(description)});
  }

  std::vector<Violation> violations_;
};

}  // namespace

std::optional<GoogleError> check_fields(json::Value body, Message message) {
  Checker checker;
  checker.check(body, message, "");
  return checker.result();
}

}  // namespace wasat::simulator
