#pragma once
// Starting another program.

#include <spawn.h>
#include <sys/types.h>

namespace swiftavatar {

/// Starts `program` with the NULL-ended `arguments` in a process group of its own, so that a Ctrl-C in the terminal is
/// not for it, with no signal blocked and SIGPIPE, SIGINT, SIGTERM and SIGXFSZ at their defaults. Takes over and
/// destroys `actions`. Returns 0 and sets `id`, or returns the error's number and leaves `id` 0.
int spawn_in_own_group(pid_t& id, const char* program, posix_spawn_file_actions_t& actions, char* const* arguments);

}  // namespace swiftavatar
