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

#include "cli/printing.h"
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

/// What an exception that nobody foresaw comes to, for error_in_flight.
Error unexpected();

/// An error's sentence on stderr, and with -v its cause.
void log_error(const std::string& message, const std::string& cause);

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

}  // namespace swiftavatar::cli
