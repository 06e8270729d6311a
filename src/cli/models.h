#pragma once
// Verb `models`: which bundles there are, and whether their files are whole.

#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

struct ModelsOptions {
  CommonOptions common;
  bool list = false, verify = false;
};

Verb setup_models(CLI::App& app);
int run_models(const ModelsOptions& options);

/// One file of a bundle after its SHA-256 was checked.
struct VerifiedModel {
  std::string role, file, licence;
  std::optional<Error> error;
};

/// Reads and hashes every file of a bundle.
std::vector<VerifiedModel> verify_bundle(const Bundle& bundle);

}  // namespace swiftavatar::cli
