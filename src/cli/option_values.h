#pragma once
// What the values of options may be.

#include <cstdint>
#include <filesystem>

#include <CLI/CLI.hpp>

namespace swiftavatar::cli {

/// What an option's number may be; a text that is none, or outside, is refused with the range. For Option::transform:
/// the number is also written as plain decimals ("007" is no octal number).
CLI::Validator whole_number(uint64_t least, uint64_t most);
CLI::Validator number(double least, double most);

/// Refuses the empty text as the value of an option or of a positional argument, in `app` and its verbs; but an empty
/// name among photos costs that photo alone.
void refuse_empty_values(CLI::App& app);

/// Throws Failure where -o, which names a file, cannot be written for certain: usage for a folder, a pipe, a socket or
/// a device, output_unwritable for a name that is too long. Call it before the work.
void check_output_file(const std::filesystem::path& file);

}  // namespace swiftavatar::cli
