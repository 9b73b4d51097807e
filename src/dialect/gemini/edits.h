// Changes to a client's own bytes: all but what is changed stays as it was.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"

namespace wasat::dialect::native {

struct Edit {
  std::size_t begin = 0;   // in the whole
  std::size_t length = 0;  // of what `text` stands for; 0: an insertion
  std::string text;
};

// The whole with the edits made. They must not overlap, nor begin at the same place.
Body edited(const std::shared_ptr<const Buffer>& whole, std::vector<Edit> edits);

}  // namespace wasat::dialect::native
