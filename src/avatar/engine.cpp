#include <cmath>

#include "avatar/composer.h"
#include "avatar/definition_reader.h"
#include "avatar/hex_color.h"
#include "avatar/json_view.h"
#include "avatar/read_text.h"
#include "avatar/shipped.h"
#include "base/sha256.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar {
namespace {

template <class Map>
std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}

// Fails for the first name in `given` that `known` lacks.
template <class Given, class Known>
void expect_known(const std::string& engine, const std::string& kind, const Given& given, const Known& known) {
  for (const auto& entry : given) {
    if (known.contains(entry.first)) continue;
    const std::string rest = known.empty() ? "; it has none" : "; it has " + join_names(keys(known));
    throw Failure(ErrorCode::engine_invalid,
                  "the engine " + engine + " has no " + kind + " \"" + entry.first + "\"" + rest);
  }
}

}  // namespace

Result<Engine> Engine::parse(const std::string& text, const std::string& name) {
  return parse_at(text, name, "the definition of engine " + name);
}

Result<Engine> Engine::open(const std::filesystem::path& definition, const std::string& name) {
  try {
    return parse_at(read_definition_text(definition), name, definition.string());
  } catch (const Failure& failure) {
    return failure.error();
  }
}

Result<Engine> Engine::parse_at(const std::string& text, const std::string& name, const std::string& where) {
  try {
    const nlohmann::ordered_json document = parse_json(text);
    DefinitionParts parts = read_definition(document);
    Engine engine;
    engine.parts_ = std::make_shared<const Parts>(Parts{.name = name,
                                                        .sha256 = sha256_hex(text),
                                                        .width = parts.art.width,
                                                        .height = parts.art.height,
                                                        .components = std::move(parts.components),
                                                        .sliders = std::move(parts.sliders),
                                                        .palettes = std::move(parts.palettes),
                                                        .definition = document,
                                                        .art = std::make_shared<const Art>(std::move(parts.art))});
    return engine;
  } catch (const Failure& failure) {
    return Error{failure.error().code, where + ": " + failure.error().message};
  }
}

bool Engine::is_shipped() const { return swiftavatar::is_shipped(sha256()); }

Avatar Engine::default_avatar() const {
  const Art& art = *parts_->art;
  Avatar avatar;
  for (const auto& [name, component] : components()) {
    const bool absent = art.components.at(name).probability < 50;
    avatar.discrete[name] = absent ? std::nullopt : std::optional(component.variants.front());
  }
  for (const auto& [name, slider] : sliders()) avatar.continuous[name] = slider.value;
  avatar.colors = default_colors(palettes(), art.color_rules);
  return avatar;
}

Result<Avatar> Engine::check(Avatar avatar) const {
  const Art& art = *parts_->art;
  const auto fail = [this](const std::string& message) {
    return Error{ErrorCode::engine_invalid, "the engine " + name() + " " + message};
  };
  try {
    // A component that follows another one may be listed if it says the same.
    for (const auto* follows : {&art.aliases, &art.tied}) {
      for (const auto& [name, unused] : *follows) {
        const auto entry = avatar.discrete.find(name);
        if (entry == avatar.discrete.end()) continue;
        const std::string& chooser = art.chooser(name);
        const auto other = avatar.discrete.find(chooser);
        if (other == avatar.discrete.end() || other->second != entry->second) {
          return fail("draws \"" + name + "\" as \"" + chooser + "\" says; set that instead");
        }
        avatar.discrete.erase(entry);
      }
    }
    expect_known(name(), "component", avatar.discrete, components());
    expect_known(name(), "slider", avatar.continuous, sliders());
    expect_known(name(), "colour", avatar.colors, palettes());
  } catch (const Failure& failure) {
    return failure.error();
  }
  Avatar defaults = default_avatar();
  avatar.discrete.merge(defaults.discrete);
  avatar.continuous.merge(defaults.continuous);
  avatar.colors.merge(defaults.colors);

  for (const auto& [name, variant] : avatar.discrete) {
    const Component& component = components().at(name);
    if (!variant && !component.optional) return fail("cannot leave out its component \"" + name + "\"");
    if (variant && !art.components.at(name).variants.contains(*variant)) {
      return fail("has no variant \"" + *variant + "\" of \"" + name + "\"; it has " + join_names(component.variants) +
                  (component.optional ? ", or none" : ""));
    }
  }
  for (const auto& [name, value] : avatar.continuous) {
    const Slider& slider = sliders().at(name);
    if (!(value >= slider.min && value <= slider.max)) {
      return fail("takes \"" + name + "\" from " + show_number(slider.min) + " to " + show_number(slider.max) +
                  ", not " + show_number(value));
    }
  }
  for (auto& [name, color] : avatar.colors) {
    const auto hex = normalize_hex(color);
    if (!hex) return fail("cannot use \"" + color + "\" as its colour \"" + name + "\"; write it as #rrggbb");
    color = *hex;
  }
  return avatar;
}

std::string Engine::svg(const Avatar& avatar) const { return Composer(*parts_->art, sliders(), avatar).svg(); }

std::map<int, cv::Point2d> Engine::anchors(const Avatar& avatar) const {
  return Composer(*parts_->art, sliders(), avatar).anchors();
}

}  // namespace swiftavatar
