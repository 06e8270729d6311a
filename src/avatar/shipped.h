#pragma once
// Definitions that come with the program.

#include <string>

namespace swiftavatar {

/// Whether the definition with this SHA-256 is one of those that the program was built with: its own engines and the
/// styles of the package dicebear-styles. What they draw is known, so it is drawn in this process.
bool is_shipped(const std::string& sha256);

}  // namespace swiftavatar
