#include "cli/common.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include "avatar/avatar_matrix.h"
#include "avatar/dicebear_options.h"
#include "avatar/engine_store.h"
#include "avatar/facesjs.h"
#include "base/data_folders.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/workers.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/user_engine.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

/// Log lines on stderr that do not tear the progress line apart.
class TerminalSink : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    Progress::clear_line();
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }
};

/// A plain name, in contrast to a path.
bool is_name(const std::string& text) {
  return !text.empty() && text.find('/') == std::string::npos && text != "." && text != "..";
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

/// The AvatarMatrix of an engine that has a catalogue beside its definition.
void add_avatar_matrix(const fs::path& definition, const fs::path& catalogue, LoadedEngine& loaded) {
  const fs::path beside = definition.parent_path() / "catalogue.json";
  if (!is_file(beside)) {
    if (catalogue.empty()) return;
    throw Failure(ErrorCode::usage,
                  "--catalogue is for --engine alter; " + loaded.engine.name() + " has no catalogue.");
  }
  const AvatarMatrix matrix = AvatarMatrix::open(catalogue.empty() ? beside : catalogue, loaded.engine).value();
  loaded.catalogue_sha256 = matrix.sha256();
  loaded.native = std::make_shared<AvatarMatrix>(matrix);
}

}  // namespace

void add_talk_options(CLI::App& app, CommonOptions& options) {
  app.add_option("--data-dir", options.data_dir, "Folder with models/ and configs/")->type_name("DIR");
  app.add_flag("-q,--quiet", options.quiet, "Print only errors on stderr");
  app.add_flag("-v,--verbose", options.verbose, "Print more on stderr");
}

void add_json_option(CLI::App& app, CommonOptions& options) {
  app.add_flag("--json", options.json, "Print the result as JSON on stdout");
}

void add_jsonl_option(CLI::App& app, CommonOptions& options) {
  app.add_flag("--jsonl", options.jsonl, "Print one line of JSON on stdout for each face when it is done");
}

void add_bundle_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--bundle", options.bundle, "Model bundle: a name (see models list) or a folder with a manifest.json")
      ->type_name("NAME|DIR")
      ->capture_default_str();
}

void add_engine_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--engine", options.engine, "Avatar engine: a name (see engines list) or a definition file")
      ->type_name("NAME")
      ->capture_default_str();
}

void add_style_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--style-file", options.style_file, "Definition file of a DiceBear style that is not installed")
      ->type_name("FILE");
}

void add_catalogue_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--catalogue", options.catalogue, "Item names of engine alter (default: the publicly known ones)")
      ->type_name("FILE");
}

void add_device_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--device", options.device,
                 "auto, cpu, cuda or cuda:n; auto uses the CPU where there is no GPU, cuda does not")
      ->type_name("DEVICE")
      ->capture_default_str();
}

void add_output_option(CLI::App& app, CommonOptions& options, const std::string& help) {
  app.add_option("-o,--output", options.output, help)->type_name("PATH");
}

void add_seed_option(CLI::App& app, CommonOptions& options) {
  app.add_option("--seed", options.seed, "Random seed")
      ->type_name("N")
      ->transform(whole_number(0, UINT64_MAX))
      ->capture_default_str();
}

void add_force_option(CLI::App& app, CommonOptions& options) {
  app.add_flag("--force", options.force, "Redo what is already done");
}

void start_log(const CommonOptions& options) {
  auto logger = std::make_shared<spdlog::logger>("swiftavatar", std::make_shared<TerminalSink>());
  logger->set_pattern("swiftavatar: %v");
  logger->set_level(options.quiet ? spdlog::level::err : options.verbose ? spdlog::level::debug : spdlog::level::info);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  on_weak_sandbox([](const std::string& sentence) { spdlog::warn("{}", sentence); });
}

Error unexpected() {
  return {ErrorCode::internal, "Something went wrong inside the program; please report it with what -v says."};
}

void log_error(const std::string& message, const std::string& cause) {
  spdlog::error("{}", message);
  if (!cause.empty()) spdlog::debug("cause: {}", cause);
}

std::vector<fs::path> data_folders(const CommonOptions& options) { return find_data_folders(options.data_dir); }

std::vector<std::string> bundle_names(const CommonOptions& options) {
  std::vector<std::string> names;
  for (const fs::path& data : data_folders(options)) {
    for (const fs::path& entry : entries_of(data / "models")) {
      if (is_file(entry / "manifest.json")) names.push_back(entry.filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Bundle open_bundle(const CommonOptions& options) {
  if (is_name(options.bundle)) {
    for (const fs::path& data : data_folders(options)) {
      const fs::path folder = data / "models" / options.bundle;
      if (is_file(folder / "manifest.json")) return Bundle::open(folder).value();
    }
  }
  if (is_folder(options.bundle)) return Bundle::open(options.bundle).value();
  throw Failure(ErrorCode::model_missing, "--bundle " + options.bundle + ": there is no such bundle; choose one of: " +
                                              list_of(bundle_names(options)) +
                                              "; or give a folder with a manifest.json.");
}

void read_semantics(UseSemantics use, const std::function<void()>& read) {
  if (use == UseSemantics::none) return;
  try {
    read();
  } catch (const Failure& failure) {
    if (use == UseSemantics::required) throw;
    spdlog::warn("semantics broken: {}", failure.error().message);
  }
}

LoadedEngine open_engine(const CommonOptions& options, const fs::path& semantics, UseSemantics use) {
  if (options.engine == kFacesjsName) return open_facesjs_engine(options, semantics, use);
  if (!options.facesjs.empty())
    throw Failure(ErrorCode::usage, "--facesjs is for --engine facesjs, not " + options.engine + ".");
  const auto folders = data_folders(options);
  const bool is_style = options.engine.starts_with(kDicebearPrefix);
  const EngineFiles files =
      (options.style_file.empty() ? find_engine(options.engine, folders)
                                  : style_file(options.style_file, is_style ? options.engine : "", folders))
          .value();
  LoadedEngine loaded{Engine::open(files.definition, files.name).value(), std::nullopt, "", "", nullptr};
  if (files.name.starts_with(kDicebearPrefix) && is_dicebear(loaded.engine)) {
    loaded.native = std::make_shared<DicebearOptions>(loaded.engine);
  }
  add_avatar_matrix(files.definition, options.catalogue, loaded);
  const std::optional<fs::path> file = semantics.empty() ? files.semantics : semantics;
  if (!file) return loaded;
  read_semantics(use, [&] {
    Semantics opened = Semantics::open(*file, loaded.engine).value();
    loaded.semantics_sha256 = sha256_hex(read_file(*file, 64 << 20).value());
    loaded.semantics = std::move(opened);
  });
  return loaded;
}

}  // namespace swiftavatar::cli
