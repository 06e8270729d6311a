#include "cli/completion.h"

#include <functional>

#include "base/text.h"

namespace swiftavatar::cli {

namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  return CLI::detail::join(words, between);
}

/// Calls `visit` for the program and every verb, outer ones first.
void each_command(const Command& command, const std::function<void(const Command&)>& visit) {
  visit(command);
  for (const Command& verb : command.verbs) each_command(verb, visit);
}

std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }

/// What both bash and zsh look up: "VERB" -> words, and "VERB OPTION" -> values ("" where a file name follows).
std::string shell_tables(const Command& program, const std::string& indent) {
  std::string words, values;
  each_command(program, [&](const Command& command) {
    std::vector<std::string> list;
    for (const Command& verb : command.verbs) list.push_back(last_word(verb.name));
    for (const CommandOption& option : command.options) {
      list.insert(list.end(), option.names.begin(), option.names.end());
      if (option.argument.empty()) continue;
      for (const std::string& name : option.names) {
        values += indent + shell_word(command.name + " " + name) + ") values=" + shell_word(joined(option.choices)) +
                  "; takes=1 ;;\n";
      }
    }
    for (const CommandOption& positional : command.positionals)
      list.insert(list.end(), positional.choices.begin(), positional.choices.end());
    words += indent + shell_word(command.name) + ") words=" + shell_word(joined(list)) + " ;;\n";
  });
  return "  case \"$verb $before\" in\n" + values + "  esac\n  case $verb in\n" + words + "  esac\n";
}

/// The alternatives of a `case` that are verbs, to find out which one the line has.
std::string verb_pattern(const Command& program) {
  std::vector<std::string> names;
  each_command(program, [&](const Command& command) {
    if (!command.name.empty()) names.push_back(shell_word(command.name));
  });
  return joined(names, "|");
}

}  // namespace

std::string bash_completion(const Command& program) {
  return "# Completion of swiftavatar for bash; made by `swiftavatar completion bash`.\n"
         "_swiftavatar() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb='' words='' values='' "
         "takes='' next i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    next=\"${verb:+$verb }${COMP_WORDS[i]}\"\n"
         "    case $next in " +
         verb_pattern(program) +
         ") verb=$next ;; esac\n"
         "  done\n" +
         shell_tables(program, "    ") +
         "  if [[ $takes ]]; then\n"
         "    if [[ $values ]]; then COMPREPLY=($(compgen -W \"$values\" -- \"$word\")); else COMPREPLY=(); fi\n"
         "  else\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o bashdefault -o default -F _swiftavatar swiftavatar\n";
}

std::string zsh_completion(const Command& program) {
  return "#compdef swiftavatar\n"
         "# Completion of swiftavatar for zsh; made by `swiftavatar completion zsh`.\n"
         "_swiftavatar() {\n"
         "  local before=${words[CURRENT-1]} verb='' list='' values='' takes='' next i\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    next=\"${verb:+$verb }${words[i]}\"\n"
         "    case $next in (" +
         verb_pattern(program) +
         ") verb=$next ;; esac\n"
         "  done\n" +
         [&] {
           std::string tables = shell_tables(program, "    ");
           for (size_t at = 0; (at = tables.find(") words=", at)) != std::string::npos;)
             tables.replace(at, 8, ") list=");
           return tables;
         }() +
         "  if [[ -n $takes ]]; then\n"
         "    if [[ -n $values ]]; then compadd -- ${=values}; else _files; fi\n"
         "  else\n"
         "    compadd -- ${=list}\n"
         "    [[ $PREFIX == -* ]] || _files\n"
         "  fi\n"
         "}\n"
         "compdef _swiftavatar swiftavatar\n";
}

std::string fish_completion(const Command& program) {
  std::string script = "# Completion of swiftavatar for fish; made by `swiftavatar completion fish`.\n";
  const auto escaped = [](const std::string& text) { return shell_word(text, "\\'"); };
  each_command(program, [&](const Command& command) {
    std::vector<std::string> conditions;  // every verb above has been named, none of those below
    for (const std::string& word : CLI::detail::split(command.name, ' ')) {
      if (!word.empty()) conditions.push_back("__fish_seen_subcommand_from " + word);
    }
    if (command.name.empty()) conditions.push_back("__fish_use_subcommand");
    std::vector<std::string> below;
    for (const Command& verb : command.verbs) below.push_back(last_word(verb.name));
    if (!below.empty() && !command.name.empty())
      conditions.push_back("not __fish_seen_subcommand_from " + joined(below));
    const std::string start = "complete -c swiftavatar -n " + escaped(joined(conditions, "; and "));
    for (const Command& verb : command.verbs)
      script += start + " -f -a " + last_word(verb.name) + " -d " + escaped(verb.help) + "\n";
    for (const CommandOption& positional : command.positionals) {
      if (!positional.choices.empty()) script += start + " -f -a " + escaped(joined(positional.choices)) + "\n";
    }
    for (const CommandOption& option : command.options) {
      std::string line = start;
      for (const std::string& name : option.names) {
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.argument.empty())
        line += option.choices.empty() ? " -r" : " -x -a " + escaped(joined(option.choices));
      script += line + " -d " + escaped(option.help) + "\n";
    }
  });
  return script;
}

Verb setup_completion(CLI::App& app) {
  auto options = std::make_shared<CompletionOptions>();
  CLI::App* verb = app.add_subcommand("completion", "Print a completion script for a shell, or the manual page");
  verb->footer("Examples:\n  eval \"$(swiftavatar completion bash)\"\n  swiftavatar completion man | man -l -");
  verb->add_option("shell", options->shell, "Shell, or man for the manual page")
      ->check(CLI::IsMember({"bash", "zsh", "fish", "man"}))
      ->required();
  return {verb, [options, &app] { return run_completion(*options, app); }};
}

int run_completion(const CompletionOptions& options, const CLI::App& app) {
  const Command program = command_tree(app);
  std::string text = options.shell == "bash"   ? bash_completion(program)
                     : options.shell == "zsh"  ? zsh_completion(program)
                     : options.shell == "fish" ? fish_completion(program)
                                               : manual_page(program);
  text.pop_back();  // print_result ends the line
  print_result(text);
  return 0;
}

}  // namespace swiftavatar::cli
