#pragma once
// `engines semantics`: drafts the semantics file of a definition.

#include <string>

#include "cli/common.h"

namespace swiftavatar::cli {

/// Drafts the semantics of options.engine and writes it to options.output. Throws Failure.
int draft_engine_semantics(const CommonOptions& options);

}  // namespace swiftavatar::cli
