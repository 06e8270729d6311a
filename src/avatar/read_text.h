#pragma once

#include <filesystem>
#include <string>

namespace swiftavatar {

/// A definition or semantics file's text. Throws Failure(engine_invalid) where it cannot be read or is larger than
/// kMaxDefinitionBytes.
std::string read_definition_text(const std::filesystem::path& file);

}  // namespace swiftavatar
