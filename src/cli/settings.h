#pragma once
// Options that `estimate` and `invert` share, and how they become the library's.

#include <string>

#include "cli/common.h"
#include "estimate/face_reader.h"

namespace swiftavatar::cli {

/// --inversion and --steps.
void add_inversion_options(CLI::App& app, std::string& method, int& steps, bool none);
/// --face.
void add_face_option(CLI::App& app, std::string& face);

FacePolicy face_policy(const std::string& name);

/// --device; says once when auto found no GPU. Throws Failure: usage, no_device.
Device open_device(const CommonOptions& options);

}  // namespace swiftavatar::cli
