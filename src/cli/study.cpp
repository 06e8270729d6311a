#include "cli/study.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "cli/option_values.h"
#include "evaluate/preference.h"

namespace swiftavatar::cli {

namespace {

constexpr size_t kLargestAnswers = 16 << 20;

}  // namespace

Verb setup_study(CLI::App& app) {
  auto options = std::make_shared<StudyOptions>();
  CLI::App* verb = app.add_subcommand("study", "Let people choose among the avatars of several methods");
  verb->require_subcommand(1);

  CLI::App* build =
      verb->add_subcommand("build", "Write a web page that shows photos with avatars and asks for a choice");
  build->callback([options] { options->action = "build"; });
  build->add_option("--photos", options->photos, "Folder of the photos, searched recursively")
      ->type_name("DIR")
      ->required();
  build->add_option("methods", options->methods, "Methods to compare, each with the folder of its avatars")
      ->type_name("NAME=FOLDER")
      ->required();
  options->common.output = "study.html";
  add_output_option(*build, options->common, "The page to write (default: study.html in the current folder)");
  build->add_option("--count", options->count, "Number of photos to show, chosen at random (0: all)")
      ->type_name("N")
      ->transform(whole_number(0, kMostStudyPhotos))
      ->capture_default_str();
  build->add_option("--question", options->question, "Question to ask")->type_name("TEXT")->capture_default_str();
  add_seed_option(*build, options->common);
  add_json_option(*build, options->common);
  add_talk_options(*build, options->common);

  CLI::App* score = verb->add_subcommand("score", "Make a table of preferences from the answers that people saved");
  score->callback([options] { options->action = "score"; });
  score->add_option("answers", options->answers, "Answer files that the page saved")
      ->type_name("ANSWERS.json")
      ->required();
  score->add_option("--format", options->format, "Output format")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->capture_default_str();
  add_json_option(*score, options->common);
  add_talk_options(*score, options->common);
  return {verb, [options] { return run_study(*options); }};
}

int run_study(const StudyOptions& options) {
  start_log(options.common);
  return options.action == "build" ? build_study(options) : score_study(options);
}

// A file that holds no answers is an item that failed: the others count.
int score_study(const StudyOptions& options) {
  std::vector<StudyAnswers> answers;
  nlohmann::ordered_json failed = nlohmann::ordered_json::array();
  const auto refuse = [&](const std::filesystem::path& file, const std::string& message) {
    spdlog::error("{}", message);
    failed.push_back({{"file", file.string()}, {"message", message}});
  };
  for (const auto& file : options.answers) {
    const auto bytes = read_file(file, kLargestAnswers);
    if (!bytes.ok()) {
      refuse(file, bytes.error().message);
      continue;
    }
    auto read = read_answers(std::string(bytes.value().begin(), bytes.value().end()), file.string());
    if (!read.ok()) {
      refuse(file, read.error().message);
    } else if (const auto error = incompatible_with(read.value(), answers)) {
      refuse(file, error->message);
    } else {
      answers.push_back(std::move(read).value());
    }
  }
  const Preference preference = score_preference(answers);
  if (options.common.json || options.format == "json") {
    nlohmann::ordered_json json = to_json(preference);
    json["failed"] = std::move(failed);
    print_result(json_text(json));
  } else if (!answers.empty()) {
    std::string report = options.format == "markdown" ? to_markdown(preference) : to_text(preference);
    report.pop_back();  // print_result ends the line
    print_result(report);
  }
  return answers.size() == options.answers.size() ? 0 : 1;
}

}  // namespace swiftavatar::cli
