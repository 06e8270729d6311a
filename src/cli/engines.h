#pragma once
// Verb `engines`: which avatar engines there are, what their menus hold, and whether a definition is sound.

#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

struct EnginesOptions {
  CommonOptions common;  ///< engine: the one that `show` and `check` name
  std::string action;    ///< list, show or check
};

Verb setup_engines(CLI::App& app);
int run_engines(const EnginesOptions& options);

}  // namespace swiftavatar::cli
