// Signals, taken by the main thread when it waits for them.

#pragma once

#include <chrono>
#include <cstdint>

namespace wasat::app {

enum class Signal : std::uint8_t { kStop, kReload, kNone };

// For every thread at its start: signals go to wait_for_signal() only. SIGPIPE is
// ignored: writing to a closed socket is an error value.
void block_signals();

// SIGTERM and SIGINT stop, SIGHUP reloads. kNone: the time is up.
Signal wait_for_signal();
Signal wait_for_signal(std::chrono::milliseconds at_most);

}  // namespace wasat::app
