#include "cli/render.h"

#include <algorithm>
#include <charconv>

#include <spdlog/spdlog.h>

#include "avatar/hex_color.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/option_values.h"
#include "swiftavatar/image.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t kMaxJsonBytes = size_t{64} << 20;

json read_json(const fs::path& file) {
  const auto bytes = read_file(file, kMaxJsonBytes);
  if (!bytes.ok()) throw Failure(ErrorCode::usage, bytes.error().message);
  const json document = json::parse(bytes.value().begin(), bytes.value().end(), nullptr, false);
  if (document.is_discarded())
    throw Failure(ErrorCode::usage, file.string() + " is not valid JSON; give a result of estimate");
  return document;
}

/// `document[group][key]` where it is a string.
std::string text_at(const json& document, const char* group, const char* key) {
  if (!document.contains(group) || !document[group].is_object()) return {};
  const json& object = document[group];
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

Avatar read_avatar(const json& object, const fs::path& file) {
  const auto avatar = avatar_from_json(object);
  if (!avatar.ok()) throw Failure(avatar.error().code, file.string() + ": " + avatar.error().message);
  return avatar.value();
}

/// The engine's own format where it has one, or an avatar object: no engine's format has its groups.
Avatar read_native(const LoadedEngine& loaded, const fs::path& file) {
  const json document = read_json(file);
  const bool is_avatar =
      document.contains("discrete") || document.contains("continuous") || document.contains("colors");
  if (!loaded.native || is_avatar) return read_avatar(document, file);
  const auto avatar = loaded.native->read(document);
  if (!avatar.ok()) throw Failure(avatar.error().code, file.string() + ": " + avatar.error().message);
  return avatar.value();
}

/// photo.avatar.json -> photo.avatar.png in the current folder; without a result, the engine's name.
fs::path output_file(const RenderOptions& options, std::string engine) {
  if (options.common.output != ".") return options.common.output;
  std::replace(engine.begin(), engine.end(), ':',
               '-');  // dicebear:micah: to many programs a colon ends a drive or a host
  return (options.result.empty() ? fs::path(engine) : options.result.stem()).string() + ".png";
}

/// Whether a colour is see-through, and none that the palette itself offers.
bool has_alpha_of_its_own(const Palette& palette, const std::string& value) {
  const auto hex = normalize_hex(value);
  const bool long_form = value.size() == std::size("#rgba") - 1 || value.size() == std::size("#rrggbbaa") - 1;
  return hex && long_form && std::find(palette.values.begin(), palette.values.end(), *hex) == palette.values.end();
}

}  // namespace

void set_parameter(const Engine& engine, const std::string& assignment, Avatar& avatar) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Failure(ErrorCode::usage, "--set " + assignment + ": write NAME=VALUE, for example hair=bob or skin=#a07e56");
  }
  const std::string name = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = error == std::errc() && end == value.data() + value.size();
  const bool is_color = value.starts_with('#');
  const bool color = engine.palettes().contains(name), slider = engine.sliders().contains(name),
             component = engine.components().contains(name);
  if (color && (is_color || (!slider && !component))) {
    if (has_alpha_of_its_own(engine.palettes().at(name), value)) {
      throw Failure(ErrorCode::usage, "--set " + assignment + ": write the colour as #rrggbb, without alpha");
    }
    avatar.colors[name] = value;
  } else if (slider && (is_number || !component)) {
    if (!is_number) throw Failure(ErrorCode::engine_invalid, "--set " + assignment + ": " + name + " takes a number");
    avatar.continuous[name] = number;
  } else if (component) {
    const auto& variants = engine.components().at(name).variants;
    const bool is_variant = std::find(variants.begin(), variants.end(), value) != variants.end();
    avatar.discrete[name] = value == "none" && !is_variant ? std::nullopt : std::optional(value);
  } else {
    throw Failure(ErrorCode::engine_invalid, "--set " + assignment + ": the engine " + engine.name() +
                                                 " has no component, slider or colour \"" + name +
                                                 "\"; see swiftavatar engines show " + engine.name());
  }
}

Verb setup_render(CLI::App& app) {
  auto options = std::make_shared<RenderOptions>();
  CLI::App* verb = app.add_subcommand("render", "Draw an avatar from its parameters");
  auto* result = verb->add_option("result", options->result, "Result of estimate, whose engine and avatar are drawn")
                     ->type_name("RESULT.json");
  auto* native = verb->add_option("--native", options->native,
                                  "Avatar in the engine's own format, or as {discrete, continuous, colors}")
                     ->type_name("FILE");
  native->excludes(result);
  add_engine_option(*verb, options->common);
  add_style_option(*verb, options->common);
  add_facesjs_option(*verb, options->common);
  add_render_command_options(*verb, options->command);
  add_catalogue_option(*verb, options->common);
  verb->add_option("--set", options->set,
                   "Change a parameter: a component's variant, a slider or a colour (repeatable)")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--size", options->size, "Longer side of a PNG in pixels")
      ->type_name("N")
      ->transform(whole_number(1, 8192))
      ->capture_default_str();
  add_output_option(*verb, options->common,
                    "X.png or X.svg (default: the input's name with .png, in the current folder)");
  add_talk_options(*verb, options->common);
  return {verb, [options, verb] {
            options->engine_given = verb->count("--engine") > 0;
            return run_render(*options);
          }};
}

int run_render(const RenderOptions& options) {
  start_log(options.common);
  if (options.result.empty() && options.native.empty() && options.set.empty()) {
    throw Failure(ErrorCode::usage,
                  "nothing to draw: give a result JSON, or --engine NAME with --native FILE or --set NAME=VALUE");
  }
  CommonOptions common = options.common;
  Avatar avatar;
  std::string drawn_with;  // the engine's hash when the result was made
  if (!options.result.empty()) {
    const json document = read_json(options.result);
    const std::string engine = text_at(document, "engine", "name");
    drawn_with = text_at(document, "engine", "sha256");
    if (!options.engine_given) common.engine = engine;
    if (engine.empty() || !document.contains("avatar") || !document["avatar"].is_object()) {
      throw Failure(ErrorCode::usage, options.result.string() + " holds no avatar; give the .avatar.json of one face");
    }
    avatar = read_avatar(document["avatar"], options.result);
  }
  const LoadedEngine loaded = open_engine(common, {}, UseSemantics::none);
  const Engine& engine = loaded.engine;
  if (!options.native.empty()) avatar = read_native(loaded, options.native);
  if (!drawn_with.empty() && drawn_with != engine.sha256()) {
    spdlog::warn("{} was made with another definition of {} (SHA-256 {}, now {}): the picture may differ",
                 options.result.string(), engine.name(), drawn_with, engine.sha256());
  }
  for (const std::string& assignment : options.set) set_parameter(engine, assignment, avatar);
  avatar = engine.check(std::move(avatar)).value();

  const fs::path output = output_file(options, engine.name());
  const std::string suffix = lower(output.extension().string());
  check_output_file(output);
  const auto renderer = external_renderer(options.command);
  if (suffix == ".svg" && renderer) {
    throw Failure(ErrorCode::usage,
                  "-o " + output.string() + ": --render-command draws a PNG; name a file that ends in .png");
  } else if (suffix == ".svg") {
    must_succeed(write_file(output, engine.svg(avatar)));
  } else if (suffix == ".png") {
    must_succeed(
        write_file(output, encode_png((renderer ? renderer->draw(engine.name(), avatar, options.size)
                                                : draw_avatar(engine, avatar, options.size, draw_time(options.command)))
                                          .value())));
  } else {
    throw Failure(ErrorCode::usage, "-o " + output.string() + ": name a file that ends in .png or .svg");
  }
  return 0;
}

}  // namespace swiftavatar::cli
