#include "cli/models.h"

namespace swiftavatar::cli {

using nlohmann::ordered_json;

namespace {

int list_bundles(const CommonOptions& options) {
  ordered_json bundles = ordered_json::array();
  for (const std::string& name : bundle_names(options)) {
    CommonOptions one = options;
    one.bundle = name;
    const Bundle bundle = open_bundle(one);
    std::vector<std::string> roles;
    for (const auto& [role, unused] : bundle.entries()) roles.push_back(role);
    if (options.json) {
      bundles.push_back({{"name", name}, {"folder", bundle.dir().string()}, {"roles", roles}});
    } else {
      std::string line = name + "\t" + bundle.dir().string() + "\t";
      for (size_t i = 0; i < roles.size(); ++i) line += (i ? "," : "") + roles[i];
      print_result(line);
    }
  }
  if (options.json) print_result(json_text({{"bundles", bundles}}));
  return 0;
}

int verify(const CommonOptions& options) {
  const Bundle bundle = open_bundle(options);
  ordered_json files = ordered_json::array();
  std::optional<Error> first;
  for (const VerifiedModel& model : verify_bundle(bundle)) {
    if (model.error && !first) first = model.error;
    const std::string state = model.error ? std::string(to_string(model.error->code)) : "ok";
    if (options.json) {
      files.push_back({{"role", model.role},
                       {"file", model.file},
                       {"licence", model.licence},
                       {"status", state},
                       {"message", model.error ? ordered_json(model.error->message) : ordered_json()}});
    } else {
      print_result(state + "\t" + model.role + "\t" + model.file);
    }
  }
  if (options.json) print_result(json_text({{"bundle", bundle.name()}, {"ok", !first}, {"files", files}}));
  if (!first) return 0;
  if (!options.json) throw Failure(*first);
  return exit_status(first->code);
}

}  // namespace

std::vector<VerifiedModel> verify_bundle(const Bundle& bundle) {
  std::vector<VerifiedModel> models;
  for (const auto& [role, entry] : bundle.entries()) {
    const auto bytes = Bundle::read_verified(entry);
    models.push_back(
        {role, entry.path.string(), entry.licence, bytes.ok() ? std::nullopt : std::optional<Error>(bytes.error())});
  }
  return models;
}

Verb setup_models(CLI::App& app) {
  auto options = std::make_shared<ModelsOptions>();
  CLI::App* verb = app.add_subcommand("models", "List, check and import models");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "List the bundles and their roles");
  CLI::App* verify = verb->add_subcommand("verify", "Check each file of a bundle against its SHA-256");
  list->callback([options] { options->action = "list"; });
  verify->callback([options] { options->action = "verify"; });
  add_import_command(*verb, options->common, options->import, [options] { options->action = "import"; });
  add_bundle_option(*verify, options->common);
  for (CLI::App* part : {list, verify}) {
    add_json_option(*part, options->common);
    add_talk_options(*part, options->common);
  }
  return {verb, [options] { return run_models(*options); }};
}

int run_models(const ModelsOptions& options) {
  start_log(options.common);
  if (options.action == "import") return import_checkpoints(options.common, options.import);
  return options.action == "verify" ? verify(options.common) : list_bundles(options.common);
}

}  // namespace swiftavatar::cli
