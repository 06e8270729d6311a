#include "cli/evaluate.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "cli/inputs.h"
#include "estimate/result_json.h"
#include "evaluate/evaluation.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t kLargestLabels = 256 << 20, kLargestJson = 16 << 20;

/// Whether a name from the table stays inside the folder that it is looked up in.
bool stays_inside(const fs::path& path) {
  if (path.is_absolute() || path.empty()) return false;
  return std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

/// What the avatar of a labelled photo shows, or nothing when it has none.
std::optional<Attributes> shown_by(const fs::path& folder, const std::string& photo) {
  const fs::path name(photo);
  if (!stays_inside(name)) {
    spdlog::warn("{}: ignored, since the path leaves the results folder; name photos relative to their folder", photo);
    return std::nullopt;
  }
  const fs::path file = OutputNames(folder / name.parent_path() / name.stem()).json(0);
  if (!is_file(file)) return std::nullopt;
  const auto bytes = read_file(file, kLargestJson);
  if (!bytes.ok()) {
    spdlog::warn("{}", bytes.error().message);
    return std::nullopt;
  }
  const auto json = nlohmann::json::parse(bytes.value(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.value("schema", nlohmann::json()) != kResultSchema) {
    spdlog::warn("{}: this is not a result of estimate; it counts as missing", file.string());
    return std::nullopt;
  }
  return attributes_from_json(json);
}

}  // namespace

Verb setup_evaluate(CLI::App& app) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* verb = app.add_subcommand("evaluate", "Compare avatars with labels of their photos");
  verb->add_option("labels", options->labels, "CSV table with a column \"file\" and one for each attribute")
      ->type_name("LABELS.csv")
      ->required();
  verb->add_option("folder", options->folder, "Folder that estimate wrote to")->type_name("FOLDER")->required();
  verb->add_option("--format", options->format, "Output format")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->capture_default_str();
  verb->add_option("--by", options->by, "Column to group results by (default: ranges of skin tones)")
      ->type_name("COLUMN");
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_evaluate(*options); }};
}

int run_evaluate(const EvaluateOptions& options) {
  start_log(options.common);
  const auto bytes = read_file(options.labels, kLargestLabels);
  if (!bytes.ok()) throw Failure(ErrorCode::usage, bytes.error().message);
  const std::string text(bytes.value().begin(), bytes.value().end());
  const std::vector<LabelledPhoto> photos = read_labels(text, options.labels.string(), options.by).value();
  if (!is_folder(options.folder)) {
    throw Failure(ErrorCode::usage,
                  options.folder.string() + ": is not a folder; give the one that estimate wrote to.");
  }
  std::map<std::string, Attributes> shown;
  for (const LabelledPhoto& photo : photos) {
    if (auto attributes = shown_by(options.folder, photo.file)) shown[photo.file] = std::move(*attributes);
  }
  const Evaluation evaluation = evaluate(photos, shown, options.by).value();
  if (options.common.json || options.format == "json") {
    print_result(json_text(to_json(evaluation)));
  } else {
    std::string report = options.format == "markdown" ? to_markdown(evaluation) : to_text(evaluation);
    report.pop_back();  // print_result ends the line
    print_result(report);
  }
  return 0;
}

}  // namespace swiftavatar::cli
