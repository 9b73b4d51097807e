#include "store/store.h"

#include <future>

namespace wasat::store {

Result<> Store::write_and_wait(std::vector<Change> changes) {
  std::promise<Result<>> end;
  std::future<Result<>> ended = end.get_future();
  write(std::move(changes), [&end](Result<> result) { end.set_value(std::move(result)); });
  return ended.get();
}

}  // namespace wasat::store
