#pragma once

#include <filesystem>
#include <vector>

namespace swiftavatar {

/// The folders that may hold models/ and configs/, best first: `wanted` (--data-dir) alone where it is not empty; else
/// those that exist of $SWIFTAVATAR_DATA, $XDG_DATA_HOME/swiftavatar (~/.local/share/swiftavatar), the folder beside
/// the program or, for a program in a build tree, the source tree above it, and ../share/swiftavatar.
std::vector<std::filesystem::path> find_data_folders(const std::filesystem::path& wanted);

}  // namespace swiftavatar
