#pragma once
// A user's program: JSON or the like in, bytes out, never for longer than it may take.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swiftavatar/result.h"

namespace swiftavatar {

struct CommandLimits {
  std::chrono::milliseconds time{30'000};
  size_t output_bytes = size_t{64} << 20;
};

struct CommandResult {
  enum class End { exited, killed, timed_out, too_much_output };
  End end = End::exited;
  int status = 0;               ///< exit status, or the signal that killed it
  std::vector<uint8_t> output;  ///< its stdout
  std::string last_error;       ///< the last line of its stderr that is not blank, shortened; printable
};

/// Runs `/bin/sh -c COMMAND` in a process group of its own, with `input` on stdin. The whole group is killed when the
/// time is up, when the output is too large, and when the command has ended and left something behind.
/// Error: io_error where no process can be started.
Result<CommandResult> run_command(const std::string& command, std::string_view input, const CommandLimits& limits = {});

}  // namespace swiftavatar
