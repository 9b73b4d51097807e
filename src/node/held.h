// Held: how many bytes of requests and of answers that are no streams all jobs of a node hold,
// within a bound for all of them together. Belongs to the node's loop.

#pragma once

#include <cstddef>
#include <utility>

namespace wasat::node {

class Held {
 public:
  explicit Held(std::size_t most) : most_(most) {}

  bool has_room(std::size_t bytes) const { return bytes <= most_ - held_; }

  // What one job holds of it: all is given back at its end.
  class Share {
   public:
    explicit Share(Held& all) : all_(all) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { give_back(); }

    // False: there is no room for so much more, and nothing was added.
    bool add(std::size_t bytes) {
      if (!all_.has_room(bytes)) return false;
      all_.held_ += bytes;
      bytes_ += bytes;
      return true;
    }
    void give_back() { all_.held_ -= std::exchange(bytes_, 0); }

   private:
    Held& all_;
    std::size_t bytes_ = 0;
  };

 private:
  const std::size_t most_;
  std::size_t held_ = 0;
};

}  // namespace wasat::node
