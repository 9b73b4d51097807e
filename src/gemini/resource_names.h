// The resources that a request's JSON names, so that the call goes to the
// account that owns them. Pure.

#pragma once

#include <string>
#include <vector>

#include "gemini/resource_kind.h"
#include "json/reader.h"

namespace wasat::gemini {

// Adds each name once, in the order of the text: files (fileData.fileUri; fileName
// where files are taken in), cachedContent, fileSearchStoreNames, tuned models,
// and of kInteractions previous_interaction_id and the uri of each part. Arguments,
// answers and schemas of functions are the client's own and are not looked into.
void collect_resources(json::Value body, ResourceKind asked_of, std::vector<std::string>& names);

}  // namespace wasat::gemini
