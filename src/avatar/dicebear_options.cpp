#include "avatar/dicebear_options.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "avatar/hex_color.h"
#include "avatar/json_view.h"

namespace swiftavatar {
namespace {

using nlohmann::json;

// Options of the whole picture that change nothing of a drawn avatar.
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"size", "idRandomization", "title", "fontFamily", "fontWeight", "animation", "animationSpeed", "animationDelay"});

[[noreturn]] void fail(const std::string& key, const std::string& message) {
  throw Failure(ErrorCode::usage, key + ": " + message);
}

/// What stands before `suffix`, if `key` ends so.
std::optional<std::string> before(const std::string& key, std::string_view suffix) {
  if (key.size() <= suffix.size() || !key.ends_with(suffix)) return std::nullopt;
  return key.substr(0, key.size() - suffix.size());
}

/// The value itself, or the only entry of a list.
const json& only(const std::string& key, const json& value) {
  if (!value.is_array()) return value;
  if (value.size() != 1) fail(key, "lists " + std::to_string(value.size()) + " values to choose from; give one");
  return value[0];
}

/// A variant's name: text, a list of one, or a map of one to its weight.
std::string variant_name(const std::string& key, const json& value) {
  if (value.is_object() && value.size() == 1) return value.begin().key();
  const json& name = only(key, value);
  if (!name.is_string()) fail(key, "must be the name of one variant");
  return name.get<std::string>();
}

bool is_neutral(const std::string& key, const json& value) {
  if (value.is_array() && value.empty()) return true;
  const auto all = [&value](const json& neutral) {
    if (!value.is_array()) return value == neutral;
    return std::all_of(value.begin(), value.end(), [&neutral](const json& item) { return item == neutral; });
  };
  return all(key == "flip" ? json("none") : key == "scale" ? json(1) : json(0));
}

bool is_global(const std::string& key) {
  return key == "flip" || key == "scale" || key == "rotate" || key == "translateX" || key == "translateY" ||
         key == "borderRadius";
}

/// Reads options key by key.
class OptionsReader {
 public:
  explicit OptionsReader(const Engine& engine) : engine_(engine) {}

  Avatar read(const json& options) {
    if (!options.is_object()) fail("/", "the options must be an object such as {\"eyesVariant\": \"happy\"}");
    for (const auto& [key, value] : options.items()) read_entry(key, value);
    if (!chooser_.empty()) refuse_chance();
    for (const auto& [name, shown] : shown_) {
      if (!shown)
        avatar_.discrete[name] = std::nullopt;
      else if (!avatar_.discrete.contains(name))
        avatar_.discrete[name] = engine_.components().at(name).variants.front();
    }
    return std::move(avatar_);
  }

 private:
  void read_entry(const std::string& key, const json& value) {
    if (std::find(kWithoutEffect.begin(), kWithoutEffect.end(), key) != kWithoutEffect.end()) return;
    if (is_global(key)) {
      if (!is_neutral(key, value))
        fail(key, "moves or clips the whole picture, which an avatar cannot hold; leave it out");
    } else if (key == "seed" || key == "tags") {
      if (!value.empty() && value != "") chooser_ = key;
    } else if (const auto component = before(key, "Variant")) {
      expect_component(key, *component);
      avatar_.discrete[*component] = variant_name(key, value);
    } else if (const auto component = before(key, "Probability")) {
      expect_component(key, *component);
      if (value != 0 && value != 100) fail(key, "must be 0 or 100; what lies between is left to chance");
      shown_[*component] = value == 100;
    } else if (const auto filled = before(key, "ColorFill")) {
      expect_color(key, *filled);
      if (only(key, value) != "solid") fail(key, "an avatar's colours are solid; leave it out");
    } else if (before(key, "ColorFillStops") || before(key, "ColorAngle") || before(key, "ColorOrder")) {
      // of gradients and lists only
    } else if (const auto color = before(key, "Color")) {
      expect_color(key, *color);
      read_color(key, *color, only(key, value));
    } else {
      fail(key, "is no option of the style; see swiftavatar engines show " + engine_.name());
    }
  }

  void read_color(const std::string& key, const std::string& name, const json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : std::string();
    if (!text.starts_with('#')) text.insert(0, "#");
    const auto hex = normalize_hex(text);
    if (!hex) fail(key, "must be one colour such as \"#a07e56\"");
    avatar_.colors[name] = *hex;
  }

  void expect_component(const std::string& key, const std::string& name) const {
    if (!engine_.components().contains(name))
      fail(key, "the engine " + engine_.name() + " has no component \"" + name + "\"");
  }

  void expect_color(const std::string& key, const std::string& name) const {
    if (!engine_.palettes().contains(name))
      fail(key, "the engine " + engine_.name() + " has no colour \"" + name + "\"");
  }

  // Fails where seed or tags would choose something.
  void refuse_chance() const {
    const auto open = [this](const std::string& missing) {
      fail(chooser_, "would choose what \"" + missing +
                         "\" leaves open, which only DiceBear's own cores can; name it, or "
                         "leave out " +
                         chooser_);
    };
    for (const auto& [name, component] : engine_.components()) {
      const auto shown = shown_.find(name);
      if (component.optional && shown == shown_.end()) open(name + "Probability");
      const bool absent = shown != shown_.end() && !shown->second;
      if (!absent && !avatar_.discrete.contains(name)) open(name + "Variant");
    }
    for (const auto& [name, palette] : engine_.palettes()) {
      if (!avatar_.colors.contains(name)) open(name + "Color");
    }
    if (chooser_ != "seed") return;
    if (!engine_.definition().contains("components")) return;
    for (const auto& [name, component] : engine_.definition()["components"].items()) {
      for (const char* range : {"rotate", "scale", "translate"}) {
        if (component.contains(range)) open(name + "'s " + range);
      }
    }
  }

  const Engine& engine_;
  Avatar avatar_;
  std::map<std::string, bool> shown_;
  std::string chooser_;  // "seed" or "tags", where one is given
};

}  // namespace

bool is_dicebear(const Engine& engine) {
  constexpr auto known = std::to_array<std::string_view>(
      {"$comment", "$id", "$schema", "attributes", "canvas", "colors", "components", "meta"});
  for (const auto& [key, block] : engine.definition().items()) {
    if (!std::binary_search(known.begin(), known.end(), key)) return false;
  }
  return true;
}

nlohmann::ordered_json DicebearOptions::write(const Avatar& avatar) const {
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  for (const auto& [name, component] : engine_.components()) {
    const auto& variant = avatar.discrete.at(name);
    if (variant) options[name + "Variant"] = *variant;
    if (component.optional) options[name + "Probability"] = variant ? 100 : 0;
  }
  for (const auto& [name, color] : avatar.colors) options[name + "Color"] = color;
  return options;
}

Result<Avatar> DicebearOptions::read(const nlohmann::json& options) const {
  try {
    return OptionsReader(engine_).read(options);
  } catch (const Failure& failure) {
    return failure.error();
  }
}

}  // namespace swiftavatar
