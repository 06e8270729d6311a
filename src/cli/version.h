#pragma once
// Verb `version`: which program this is.

#include "cli/common.h"

namespace swiftavatar::cli {

struct VersionOptions {
  CommonOptions common;
};

Verb setup_version(CLI::App& app);
int run_version(const VersionOptions& options);

}  // namespace swiftavatar::cli
