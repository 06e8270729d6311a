#pragma once
// What the verbs share: options, how a verb is registered, where data lies, what goes to stdout and to stderr.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/descriptor.h"
#include "swiftavatar/avatar.h"
#include "swiftavatar/model.h"
#include "swiftavatar/native.h"

namespace swiftavatar::cli {

/// A verb as main sees it: its place in the command line, and what runs when it was named. `run` returns the exit
/// status; it throws Failure when nothing can be done.
struct Verb {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

/// Options that several verbs understand (design of the command line: docs/command-line.md); a verb adds the groups it
/// needs.
struct CommonOptions {
  std::filesystem::path data_dir;       ///< --data-dir; empty: searched (see data_folders)
  bool quiet = false, verbose = false;  ///< -q, -v: the log on stderr
  bool json = false, jsonl = false;     ///< --json, --jsonl: what stdout carries
  std::string bundle = "default";       ///< --bundle: a name below models/, or a folder with a manifest.json
  std::string engine = "tiktok";        ///< --engine: a name (see `engines list`), or a definition file
  std::filesystem::path style_file;     ///< --style-file: the definition of a DiceBear style, instead of --engine
  std::filesystem::path facesjs;        ///< --facesjs: the faces.js install of engine facesjs
  std::filesystem::path catalogue;  ///< --catalogue: the items of engine alter; empty: the file beside its definition
  std::string device = "auto";      ///< --device: auto, cpu, cuda or cuda:n
  std::filesystem::path output = ".";  ///< -o
  uint64_t seed = 0;                   ///< --seed
  bool force = false;                  ///< --force: redo what is done
};

/// What an option's number may be; a text that is none, or outside, is refused with the range. For Option::transform:
/// the number is also written as plain decimals ("007" is no octal number).
CLI::Validator whole_number(uint64_t least, uint64_t most);
CLI::Validator number(double least, double most);

/// Refuses the empty text as the value of an option or of a positional argument, in `app` and its verbs; but an empty
/// name among photos costs that photo alone.
void refuse_empty_values(CLI::App& app);

/// --data-dir, -q, -v: every verb has these.
void add_talk_options(CLI::App& app, CommonOptions& options);
void add_json_option(CLI::App& app, CommonOptions& options);
void add_jsonl_option(CLI::App& app, CommonOptions& options);
void add_bundle_option(CLI::App& app, CommonOptions& options);
void add_engine_option(CLI::App& app, CommonOptions& options);
void add_style_option(CLI::App& app, CommonOptions& options);
void add_catalogue_option(CLI::App& app, CommonOptions& options);
void add_device_option(CLI::App& app, CommonOptions& options);
void add_output_option(CLI::App& app, CommonOptions& options, const std::string& help);
void add_seed_option(CLI::App& app, CommonOptions& options);
void add_force_option(CLI::App& app, CommonOptions& options);

/// Points the log at stderr with the level that -q and -v ask for. Call it first in `run`.
void start_log(const CommonOptions& options);

/// Folders that may hold models/ and configs/, best first (base/data_folders.h says where they are looked for).
std::vector<std::filesystem::path> data_folders(const CommonOptions& options);

/// The bundle of --bundle. Throws Failure: model_missing, model_corrupt.
Bundle open_bundle(const CommonOptions& options);

/// An engine and, where it has them, its semantics.
struct LoadedEngine {
  Engine engine;
  std::optional<Semantics> semantics;
  std::string semantics_sha256;                ///< empty without semantics
  std::string catalogue_sha256;                ///< empty where the engine has no catalogue
  std::shared_ptr<const NativeFormat> native;  ///< null where the engine has no format of its own
};

/// What a verb does with an engine's semantics: it cannot go on where they are broken; it shows them, and where they
/// are broken warns and goes on without; or it does not open them at all, as for drawing.
enum class UseSemantics { required, shown, none };

/// The engine of --engine or --style-file with the semantics of a file or, without one, those that belong to its
/// definition if there are any. Throws Failure: engine_unknown (naming the engines there are), engine_invalid.
LoadedEngine open_engine(const CommonOptions& options, const std::filesystem::path& semantics = {},
                         UseSemantics use = UseSemantics::required);

/// Calls `read`, which fills in semantics, as `use` says.
void read_semantics(UseSemantics use, const std::function<void()>& read);

/// Names below models of all data folders, sorted.
std::vector<std::string> bundle_names(const CommonOptions& options);

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

/// Throws Failure where -o, which names a file, cannot be written for certain: usage for a folder, a pipe, a socket or
/// a device, output_unwritable for a name that is too long. Call it before the work.
void check_output_file(const std::filesystem::path& file);

/// JSON as a person reads it (two blanks of indent) or as one line; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::ordered_json& json, bool indent = true);

/// The object that stands for a run of which nothing came: {schema swiftavatar.run/1, results [], summary, error}.
nlohmann::ordered_json run_failure(const Error& error);

}  // namespace swiftavatar::cli
