#pragma once
// Results as text: to stdout, and to files of lines.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/descriptor.h"
#include "swiftavatar/result.h"

namespace swiftavatar::cli {

/// The reader closed stdout (`| head -1`) before everything was printed. Files that were written stay; main ends the
/// program with kReaderGoneStatus.
struct ReaderGone {};
constexpr int kReaderGoneStatus = 141;  // as of a program that SIGPIPE has ended

/// One result to stdout, followed by a line feed. Nothing else writes to stdout.
/// Throws Failure output_unwritable or disk_full when stdout cannot be written, ReaderGone when nobody reads it.
void print_result(std::string_view text);

/// The same to a descriptor; `name` is used in messages. A pipe that nobody reads is output_unwritable.
void write_line(int descriptor, std::string_view text, const std::string& name);

/// Opens a file that gets lines, emptied first; a pipe stays one. `name` is used in messages. Throws Failure
/// output_unwritable, also for a pipe that nobody reads: opening it would wait.
Descriptor open_lines_file(const std::filesystem::path& file, const std::string& name);

/// Throws the error, if there is one.
void must_succeed(const std::optional<Error>& error);

/// JSON as a person reads it (two blanks of indent) or as one line; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::ordered_json& json, bool indent = true);

/// The object that stands for a run of which nothing came: {schema swiftavatar.run/1, results [], summary, error}.
nlohmann::ordered_json run_failure(const Error& error);

}  // namespace swiftavatar::cli
