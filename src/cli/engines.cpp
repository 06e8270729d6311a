#include "cli/engines.h"

#include "avatar/engine_store.h"
#include "avatar/facesjs.h"
#include "avatar/json_view.h"
#include "cli/engines_semantics.h"
#include "cli/user_engine.h"
#include "draft/semantics.h"

namespace swiftavatar::cli {

using nlohmann::ordered_json;

namespace {

// In text, what an engine lacks stands behind a tab. As JSON only those that work as they stand are named, so that a
// loop over the names can use each.
int list(const CommonOptions& options) {
  std::vector<std::string> engines = list_engines(data_folders(options));
  const bool has_facesjs = !options.facesjs.empty();
  if (has_facesjs) {
    open_facesjs(options.facesjs);  // a folder without drawings is no engine
    engines.push_back(kFacesjsName);
  }
  if (options.json) {
    print_result(json_text({{"engines", engines}}));
    return 0;
  }
  for (const std::string& name : engines) print_result(name);
  if (!has_facesjs) print_result(std::string(kFacesjsName) + "\tneeds --facesjs DIR");
  return 0;
}

/// Part of the definition's credit: {name, url}, either of which may be null.
ordered_json credit(const Engine& engine, const char* group) {
  const auto meta = engine.definition().value("meta", nlohmann::json::object()).value(group, nlohmann::json::object());
  return {{"name", meta.value("name", nlohmann::json())}, {"url", meta.value("url", nlohmann::json())}};
}

ordered_json counts(const Engine& engine) {
  size_t variants = 0;
  for (const auto& [name, component] : engine.components()) variants += component.variants.size();
  return {{"components", engine.components().size()},
          {"variants", variants},
          {"sliders", engine.sliders().size()},
          {"colors", engine.palettes().size()}};
}

ordered_json describe(const LoadedEngine& loaded) {
  const Engine& engine = loaded.engine;
  ordered_json json = {{"name", engine.name()},
                       {"sha256", engine.sha256()},
                       {"width", engine.width()},
                       {"height", engine.height()},
                       {"semantics", loaded.semantics.has_value()},
                       {"native", loaded.native != nullptr},
                       {"counts", counts(engine)}};
  for (const char* group : {"license", "creator", "source"}) json[group] = credit(engine, group);
  for (const char* group : {"components", "sliders", "colors"}) json[group] = ordered_json::object();
  for (const auto& [name, component] : engine.components()) {
    json["components"][name] = {{"optional", component.optional}, {"variants", component.variants}};
  }
  for (const auto& [name, slider] : engine.sliders()) {
    json["sliders"][name] = {{"min", slider.min},
                             {"max", slider.max},
                             {"default", slider.value},
                             {"measure", slider.measure.empty() ? ordered_json() : ordered_json(slider.measure)}};
  }
  for (const auto& [name, palette] : engine.palettes()) json["colors"][name] = palette.values;
  return json;
}

/// "licence", its name and its address, apart by tabs; nothing where the definition does not say it.
void print_credit(const Engine& engine, const std::string& title, const char* group) {
  std::string line;
  const ordered_json parts = credit(engine, group);
  for (const auto& [key, value] : parts.items()) {
    if (value.is_string()) line += '\t' + value.get<std::string>();
  }
  if (!line.empty()) print_result(title + line);
}

int show(const CommonOptions& options) {
  const LoadedEngine loaded = open_engine(options, {}, UseSemantics::shown);
  const Engine& engine = loaded.engine;
  if (options.json) {
    print_result(json_text(describe(loaded)));
    return 0;
  }
  print_result(engine.name() + "\t" + show_number(engine.width()) + "x" + show_number(engine.height()) + "\tsha256 " +
               engine.sha256() + "\tsemantics " + (loaded.semantics ? "yes" : "no"));
  print_credit(engine, "licence", "license");
  print_credit(engine, "creator", "creator");
  print_credit(engine, "source", "source");
  std::string numbers;
  const ordered_json all = counts(engine);
  for (const auto& [what, number] : all.items()) numbers += '\t' + number.dump() + ' ' + what;
  print_result("counts" + numbers);
  for (const auto& [name, component] : engine.components()) {
    print_result("component\t" + name + "\t" + (component.optional ? "none, " : "") +
                 join_names(component.variants, 999));
  }
  for (const auto& [name, slider] : engine.sliders()) {
    print_result("slider\t" + name + "\t" + show_number(slider.min) + " to " + show_number(slider.max) + ", default " +
                 show_number(slider.value));
  }
  for (const auto& [name, palette] : engine.palettes())
    print_result("colour\t" + name + "\t" + join_names(palette.values, 999));
  return 0;
}

// Reads definition and semantics, and draws the default avatar: what estimate needs of an engine. Semantics must speak
// of every attribute.
int check(const CommonOptions& options) {
  const LoadedEngine loaded = open_engine(options);
  const auto picture = draw_avatar(loaded.engine, loaded.engine.default_avatar(), 64);
  if (!picture.ok()) throw Failure(ErrorCode::engine_invalid, loaded.engine.name() + ": " + picture.error().message);
  if (loaded.semantics) {
    const std::vector<std::string> missing = uncovered_attributes(*loaded.semantics);
    if (!missing.empty()) {
      throw Failure(ErrorCode::engine_invalid,
                    "the semantics of engine " + loaded.engine.name() + ": nothing shows " + join_names(missing) +
                        "; say in components or colors what does, or list it under impossible");
    }
  }
  if (options.json) {
    print_result(json_text({{"name", loaded.engine.name()},
                            {"sha256", loaded.engine.sha256()},
                            {"ok", true},
                            {"semantics", loaded.semantics.has_value()}}));
  } else {
    print_result("ok\t" + loaded.engine.name() +
                 (loaded.semantics ? "\tdefinition and semantics" : "\tdefinition; no semantics"));
  }
  return 0;
}

}  // namespace

Verb setup_engines(CLI::App& app) {
  auto options = std::make_shared<EnginesOptions>();
  CLI::App* verb = app.add_subcommand("engines", "List, show and check avatar engines");
  verb->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& help) {
    CLI::App* part = verb->add_subcommand(name, help);
    part->callback([options, name] { options->action = name; });
    if (name != "list") {
      part->add_option("engine", options->common.engine, "Name or definition file of an engine")
          ->type_name("DEFINITION|NAME");
      add_style_option(*part, options->common);
    }
    add_facesjs_option(*part, options->common);
    add_json_option(*part, options->common);
    add_talk_options(*part, options->common);
    return part;
  };
  options->common.engine.clear();
  add("list", "List the engines, and what each of them still needs");
  add("show", "Show an engine's components, sliders, colours, licence and credit");
  add("check", "Check a definition and its semantics, and report the first mistake");
  CLI::App* draft = add("semantics", "Draft the semantics of a definition by drawing and measuring each variant");
  draft->add_option("-o,--output", options->common.output, "Semantics file to write")->type_name("FILE")->required();
  add_bundle_option(*draft, options->common);
  add_device_option(*draft, options->common);
  add_force_option(*draft, options->common);
  return {verb, [options] { return run_engines(*options); }};
}

int run_engines(const EnginesOptions& options) {
  start_log(options.common);
  if (options.action == "list") return list(options.common);
  if (options.common.engine.empty() && options.common.style_file.empty()) {
    throw Failure(ErrorCode::usage,
                  "which engine? Give its name (see swiftavatar engines list), its definition file, or "
                  "--style-file");
  }
  if (options.action == "semantics") return draft_engine_semantics(options.common);
  return options.action == "show" ? show(options.common) : check(options.common);
}

}  // namespace swiftavatar::cli
