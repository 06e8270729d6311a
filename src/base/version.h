#pragma once

#include <string_view>

namespace swiftavatar {

/// The program's version, e.g. "0.1.0": CMake's PROJECT_VERSION.
std::string_view version();

}  // namespace swiftavatar
