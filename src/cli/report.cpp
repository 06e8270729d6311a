#include "cli/report.h"

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/version.h"
#include "cli/html_page.h"
#include "cli/option_values.h"
#include "cli/report_items.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr size_t kMostItems = 10'000;  // about 100 MB of page

/// The vocabulary, in the order in which the page offers its filters.
ordered_json attributes_in_order() {
  ordered_json attributes = ordered_json::array();
  for (const char* name : {"glasses", "facial_hair", "hair_length", "hair_texture", "fringe", "hair_color", "skin_tone",
                           "headwear", "mouth", "earrings", "lines"}) {
    attributes.push_back({name, attribute_values().at(name)});
  }
  return attributes;
}

}  // namespace

Verb setup_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  options->common.output = "report.html";
  CLI::App* verb = app.add_subcommand("report", "Write a web page that shows all results of a folder");
  verb->add_option("folder", options->folder, "Folder that estimate wrote to")->type_name("FOLDER")->required();
  add_output_option(*verb, options->common, "The page to write (default: report.html in the current folder)");
  verb->add_option("--size", options->size, "Longer side of the page's pictures in pixels, at most")
      ->type_name("N")
      ->transform(whole_number(16, 1024))
      ->capture_default_str();
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_report(*options); }};
}

int run_report(const ReportOptions& options) {
  start_log(options.common);
  check_output_file(options.common.output);
  if (!is_folder(options.folder)) {
    throw Failure(ErrorCode::usage,
                  options.folder.string() + ": is not a folder; give the one that estimate wrote to.");
  }
  ReportItems report = read_report_items(options.folder, options.size, kMostItems);
  if (report.items.empty()) spdlog::warn("{}: there are no results in this folder", options.folder.string());
  if (report.left_out > 0) {
    spdlog::warn("{}: {} results are left out, a page holds {}; report on folders further down",
                 options.folder.string(), report.left_out, kMostItems);
  }
  const size_t results = report.items.size();
  const fs::path name = absolute_path(options.folder);
  const std::string page =
      make_page(kReportPage, {{"schema", "swiftavatar.report/1"},
                              {"folder", (name.has_filename() ? name : name.parent_path()).filename().string()},
                              {"version", version()},
                              {"attributes", attributes_in_order()},
                              {"left_out", report.left_out},
                              {"items", std::move(report.items)}});
  must_succeed(write_file(options.common.output, page));
  if (options.common.json) {
    print_result(json_text({{"page", options.common.output.string()},
                            {"bytes", page.size()},
                            {"results", results},
                            {"left_out", report.left_out},
                            {"statuses", report.statuses}}));
  } else {
    print_result(options.common.output.string());
  }
  return 0;
}

}  // namespace swiftavatar::cli
