#pragma once
// Verb `invert`: photos to codes of the realistic generator.

#include <string>

#include "cli/common.h"
#include "cli/inputs.h"

namespace swiftavatar::cli {

struct InvertOptions {
  CommonOptions common;
  InputOptions inputs;
  std::string inversion = "optimize";  ///< encoder or optimize
  int steps = 20;
  std::string face = "largest";
};

Verb setup_invert(CLI::App& app);
int run_invert(const InvertOptions& options);

}  // namespace swiftavatar::cli
