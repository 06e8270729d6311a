#include "cli/models_import.h"

#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/files.h"
#include "base/run_command.h"
#include "base/text.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

/// Where the exporter lies and which Python runs it.
struct Exporter {
  fs::path folder;
  std::string python;
};

Exporter find_exporter(const CommonOptions& options) {
  const char* const named = std::getenv("SWIFTAVATAR_PYTHON");
  for (const fs::path& data : data_folders(options)) {
    const fs::path folder = data / "scripts/train";
    if (!is_file(folder / "swiftavatar_train/official_import.py")) continue;
    if (named && *named) return {folder, named};
    const fs::path own = data / ".deps/venv/bin/python";
    return {folder, is_file(own) ? own.string() : "python3"};
  }
  throw Failure(ErrorCode::usage,
                "models import needs the training package, which is part of the source tree; give the tree's "
                "folder with --data-dir, and a Python that has PyTorch in SWIFTAVATAR_PYTHON.");
}

std::string absolute_text(const fs::path& path) { return absolute_path(path).string(); }

fs::path output_folder(const CommonOptions& common, const ImportOptions& options, const Bundle& base) {
  if (common.output != ".") return common.output;
  return absolute_path(base.dir()).parent_path() / options.name;
}

}  // namespace

void add_import_command(CLI::App& models, CommonOptions& common, ImportOptions& options,
                        const std::function<void()>& chosen) {
  CLI::App* part = models.add_subcommand("import", "Make a bundle from published SemanticStyleGAN checkpoints");
  part->callback(chosen);
  part->add_option("real", options.real, "Checkpoint of the realistic generator")->type_name("REAL.pt")->required();
  part->add_option("avatar", options.avatar, "Checkpoint of the avatar generator that was tuned from it")
      ->type_name("AVATAR.pt");
  part->add_option("--name", options.name, "The bundle's name")->type_name("NAME")->required();
  add_output_option(*part, common, "The bundle's folder (default: NAME beside the default bundle)");
  add_engine_option(*part, common);
  add_force_option(*part, common);
  add_json_option(*part, common);
  add_talk_options(*part, common);
}

int import_checkpoints(const CommonOptions& common, const ImportOptions& options) {
  CommonOptions of_base = common;
  of_base.bundle = "default";
  const Bundle base = open_bundle(of_base);
  const fs::path output = output_folder(common, options, base);
  if (is_file(output / "manifest.json") && !common.force) {
    throw Failure(ErrorCode::usage, output.string() +
                                        ": there is a bundle already; choose another --name or -o, or replace it "
                                        "with --force.");
  }
  const Exporter exporter = find_exporter(common);
  std::string command = "cd " + shell_word(exporter.folder.string()) + " && exec " + shell_word(exporter.python) +
                        " -m swiftavatar_train.official_import --name " + shell_word(options.name) + " --engine " +
                        shell_word(common.engine) + " --extends " + shell_word(absolute_text(base.dir())) + " -o " +
                        shell_word(absolute_text(output)) + " " + shell_word(absolute_text(options.real));
  if (!options.avatar.empty()) command += " " + shell_word(absolute_text(options.avatar));
  CommandLimits limits;
  limits.time = std::chrono::milliseconds(std::llround(options.minutes * 60'000));
  const CommandResult result = run_command(command, "", limits).value();
  if (result.end == CommandResult::End::exited && result.status == 127) {
    throw Failure(ErrorCode::usage, "models import cannot run " + exporter.python +
                                        "; name a Python that has PyTorch in SWIFTAVATAR_PYTHON.");
  }
  if (result.end != CommandResult::End::exited || result.status != 0) {
    const ErrorCode code = result.status == 2 ? ErrorCode::usage : ErrorCode::model_corrupt;
    throw Failure(code, result.last_error.empty() ? options.real.string() +
                                                        ": the exporter exited without an error message; "
                                                        "try again with more memory."
                                                  : result.last_error + ".");
  }
  const Bundle bundle = Bundle::open(output).value();
  std::vector<std::string> roles;
  for (const auto& [role, entry] : bundle.entries()) {
    if (entry.path.parent_path() == output) roles.push_back(role);
  }
  if (common.json) {
    print_result(json_text({{"name", bundle.name()}, {"folder", output.string()}, {"roles", roles}}));
  } else {
    print_result(bundle.name() + "\t" + output.string());
  }
  return 0;
}

}  // namespace swiftavatar::cli
