#include <cmath>

#include "avatar/colors.h"
#include "avatar/composer.h"
#include "avatar/definition_reader.h"
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
    engine.name_ = name;
    engine.sha256_ = sha256_hex(text);
    engine.width_ = parts.art.width;
    engine.height_ = parts.art.height;
    engine.components_ = std::move(parts.components);
    engine.sliders_ = std::move(parts.sliders);
    engine.palettes_ = std::move(parts.palettes);
    engine.definition_ = document;
    engine.art_ = std::make_shared<const Art>(std::move(parts.art));
    return engine;
  } catch (const Failure& failure) {
    return Error{failure.error().code, where + ": " + failure.error().message};
  }
}

bool Engine::is_shipped() const { return swiftavatar::is_shipped(sha256_); }

Avatar Engine::default_avatar() const {
  Avatar avatar;
  for (const auto& [name, component] : components_) {
    const bool absent = art_->components.at(name).probability < 50;
    avatar.discrete[name] = absent ? std::nullopt : std::optional(component.variants.front());
  }
  for (const auto& [name, slider] : sliders_) avatar.continuous[name] = slider.value;
  avatar.colors = default_colors(palettes_, art_->color_rules);
  return avatar;
}

Result<Avatar> Engine::check(Avatar avatar) const {
  const auto fail = [this](const std::string& message) {
    return Error{ErrorCode::engine_invalid, "the engine " + name_ + " " + message};
  };
  try {
    // A component that follows another one may be listed if it says the same.
    for (const auto* follows : {&art_->aliases, &art_->tied}) {
      for (const auto& [name, unused] : *follows) {
        const auto entry = avatar.discrete.find(name);
        if (entry == avatar.discrete.end()) continue;
        const std::string& chooser = art_->chooser(name);
        const auto other = avatar.discrete.find(chooser);
        if (other == avatar.discrete.end() || other->second != entry->second) {
          return fail("draws \"" + name + "\" as \"" + chooser + "\" says; set that instead");
        }
        avatar.discrete.erase(entry);
      }
    }
    expect_known(name_, "component", avatar.discrete, components_);
    expect_known(name_, "slider", avatar.continuous, sliders_);
    expect_known(name_, "colour", avatar.colors, palettes_);
  } catch (const Failure& failure) {
    return failure.error();
  }
  Avatar defaults = default_avatar();
  avatar.discrete.merge(defaults.discrete);
  avatar.continuous.merge(defaults.continuous);
  avatar.colors.merge(defaults.colors);

  for (const auto& [name, variant] : avatar.discrete) {
    const Component& component = components_.at(name);
    if (!variant && !component.optional) return fail("cannot leave out its component \"" + name + "\"");
    if (variant && !art_->components.at(name).variants.contains(*variant)) {
      return fail("has no variant \"" + *variant + "\" of \"" + name + "\"; it has " + join_names(component.variants) +
                  (component.optional ? ", or none" : ""));
    }
  }
  for (const auto& [name, value] : avatar.continuous) {
    const Slider& slider = sliders_.at(name);
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

std::string Engine::svg(const Avatar& avatar) const { return Composer(*art_, sliders_, avatar).svg(); }

std::map<int, cv::Point2d> Engine::anchors(const Avatar& avatar) const {
  return Composer(*art_, sliders_, avatar).anchors();
}

}  // namespace swiftavatar
