#include "cli/version.h"

#include "base/version.h"

namespace swiftavatar::cli {

Verb setup_version(CLI::App& app) {
  auto options = std::make_shared<VersionOptions>();
  CLI::App* verb = app.add_subcommand("version", "Print the version");
  add_json_option(*verb, options->common);
  add_talk_options(*verb, options->common);
  return {verb, [options] { return run_version(*options); }};
}

int run_version(const VersionOptions& options) {
  const std::string number(version());
  print_result(options.common.json ? json_text({{"name", "swiftavatar"}, {"version", number}})
                                   : "swiftavatar " + number);
  return 0;
}

}  // namespace swiftavatar::cli
