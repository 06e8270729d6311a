#include "cli/command_tree.h"

#include <algorithm>

namespace swiftavatar::cli {

namespace {

/// The values of a CLI::IsMember, which names its type "{a,b,c}".
std::vector<std::string> choices_of(const std::string& type) {
  const size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

CommandOption describe(const CLI::Option& option) {
  CommandOption described;
  for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  const std::string type = option.get_type_name();
  described.choices = choices_of(type);
  if (option.get_items_expected_max() > 0) {
    described.argument =
        described.choices.empty() ? type.substr(0, type.find(':')) : CLI::detail::join(described.choices, "|");
  }
  described.help = option.get_description();
  described.initial = option.get_default_str();
  described.required = option.get_required();
  described.repeats = option.get_items_expected_max() > 1;
  return described;
}

Command describe(const CLI::App& app, const std::string& name) {
  Command command{.name = name,
                  .help = app.get_description(),
                  .footer = app.get_footer(),
                  .options = {},
                  .positionals = {},
                  .verbs = {}};
  for (const CLI::Option* option : app.get_options()) {
    (option->nonpositional() ? command.options : command.positionals).push_back(describe(*option));
  }
  for (const CLI::App* verb : app.get_subcommands(std::function<bool(const CLI::App*)>())) {
    command.verbs.push_back(describe(*verb, (name.empty() ? "" : name + " ") + verb->get_name()));
  }
  return command;
}

}  // namespace

Command command_tree(const CLI::App& app) { return describe(app, ""); }

}  // namespace swiftavatar::cli
