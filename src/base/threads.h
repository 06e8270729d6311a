#pragma once
// How many threads the system lets this program have.

#include <cstddef>

namespace swiftavatar {

/// Starts up to `wanted` threads at once, ends them, and returns how many there were: fewer where a limit (ulimit -u, a
/// container's limit on processes, address space) is reached. Libraries that start threads of their own end the program
/// or wait for ever in such a place, so it is asked before they do.
size_t startable_threads(size_t wanted);

}  // namespace swiftavatar
