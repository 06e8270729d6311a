#pragma once
// Verb `models`: which bundles there are, whether their files are whole, and new ones from published checkpoints.

#include <string>

#include "cli/common.h"
#include "cli/models_import.h"

namespace swiftavatar::cli {

struct ModelsOptions {
  CommonOptions common;
  ImportOptions import;
  std::string action;  ///< list, verify or import
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
