#pragma once
// Verb `invert`: photos to codes of the realistic generator.

#include <string>

#include "cli/common.h"
#include "cli/inputs.h"
#include "cli/settings.h"

namespace swiftavatar::cli {

struct InvertOptions {
  CommonOptions common;
  InputOptions inputs;
  InversionChoice inversion;
  std::string face = "largest";
};

Verb setup_invert(CLI::App& app);
int run_invert(const InvertOptions& options);

}  // namespace swiftavatar::cli
