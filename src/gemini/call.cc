#include "gemini/call.h"

namespace wasat::gemini {

std::string_view method_name(Method method) {
  switch (method) {
    case Method::kGenerateContent:
      return "generateContent";
    case Method::kStreamGenerateContent:
      return "streamGenerateContent";
    case Method::kCountTokens:
      return "countTokens";
    case Method::kEmbedContent:
      return "embedContent";
    case Method::kBatchEmbedContents:
      return "batchEmbedContents";
    case Method::kListModels:
      return "listModels";
    case Method::kGetModel:
      return "getModel";
    case Method::kRaw:
      break;
  }
  return "raw";
}

}  // namespace wasat::gemini
