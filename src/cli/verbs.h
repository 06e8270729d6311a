#pragma once
// Every verb's registration. One file pair per verb; this list is the only place that names them all.

#include <vector>

#include "cli/common.h"

namespace swiftavatar::cli {

/// Adds all verbs to `app`, in the order in which --help shows them.
std::vector<Verb> setup_verbs(CLI::App& app);

}  // namespace swiftavatar::cli
