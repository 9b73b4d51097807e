// Well mixed bits of a number: the parts of Sebastiano Vigna's splitmix64. Pure.

#pragma once

#include <cstdint>

namespace wasat {

// Its finish: every bit of the input counts for every bit of the result.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

// What its generator gives next in the state `state`.
constexpr std::uint64_t splitmix(std::uint64_t state) { return mixed(state + 0x9e3779b97f4a7c15U); }

}  // namespace wasat
