#include "avatar/avatar_matrix.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "avatar/hex_color.h"
#include "avatar/json_view.h"
#include "avatar/read_text.h"
#include "base/sha256.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr size_t kMaxName = 256;
constexpr size_t kMaxItems = 10000;

// Keys of an AvatarMatrix besides `items` and `name`: maps from a string to a number.
constexpr std::array<const char*, 3> kWeights = {"blendshapes", "boneBlenderPresetWeights", "boneBlenderWeights"};

std::string upper(std::string hex) {
  for (char& c : hex) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return hex;
}

/// The colour moved towards white, as Alter writes colours: "#RRGGBB".
std::string written(const std::string& hex, double lighter) {
  const cv::Vec3b rgb = from_hex(hex.substr(0, 7)).value();
  cv::Vec3b mixed;
  for (int channel = 0; channel < 3; ++channel) {
    mixed[channel] = cv::saturate_cast<uchar>(std::lround(rgb[channel] + (255 - rgb[channel]) * lighter));
  }
  return upper(to_hex(mixed));
}

[[noreturn]] void refuse(const std::string& where, const std::string& message) {
  throw Failure(ErrorCode::usage, where + " " + message);
}

}  // namespace

/// Reads one catalogue; every error names the JSON path.
class CatalogueReader {
 public:
  CatalogueReader(const Engine& engine, AvatarMatrix& matrix) : engine_(engine), matrix_(matrix) {}

  void read(const JsonView& root) {
    root.expect_object({"schema", "$comment", "always", "components", "colors"});
    const std::string schema = root.at("schema").string(kMaxName);
    if (schema != "swiftavatar.alter-catalogue/1") {
      root.at("schema").fail("is \"" + schema + "\", not swiftavatar.alter-catalogue/1");
    }
    if (root.has("always")) {
      for (const JsonView& view : root.at("always").items(kMaxItems))
        matrix_.always_.push_back(item(view, "always", {}));
    }
    root.at("components").each([this](const std::string& name, const JsonView& view) { slot(name, view); });
    if (root.has("colors")) {
      root.at("colors").each([this](const std::string& name, const JsonView& view) { tones(name, view); });
    }
  }

 private:
  /// "avatars/hair/avr_hair_a_02", or {name, properties}. An item belongs to one owner, so that it can be read back.
  AvatarMatrix::Item item(const JsonView& view, const std::string& owner,
                          const std::vector<AvatarMatrix::ColorProperty>& colors) {
    AvatarMatrix::Item item;
    if (view.json().is_string()) {
      item.name = view.string(kMaxName);
    } else {
      view.expect_object({"name", "properties"});
      item.name = view.at("name").string(kMaxName);
      if (view.has("properties")) {
        view.at("properties").each([&](const std::string& key, const JsonView& value) {
          if (std::any_of(colors.begin(), colors.end(), [&](const auto& entry) { return entry.property == key; })) {
            value.fail("\"" + key +
                       "\" carries a colour here; name it in \"colors\" or in \"properties\", not in both");
          }
          item.properties[key] = value.string(kMaxName);
        });
      }
    }
    if (item.name.empty()) view.fail("must name an item; write null where nothing stands for a variant");
    const auto [found, is_new] = owners_.emplace(item.name, owner);
    if (!is_new && found->second != owner) {
      view.fail("\"" + item.name + "\" stands for " + found->second + " already; an item belongs to one of them");
    }
    return item;
  }

  void slot(const std::string& name, const JsonView& view) {
    const auto component = engine_.components().find(name);
    if (component == engine_.components().end()) {
      std::vector<std::string> known;
      for (const auto& entry : engine_.components()) known.push_back(entry.first);
      view.fail("the engine has no component \"" + name + "\"; it has " + join_names(known, 99));
    }
    view.expect_object({"$comment", "colors", "items"});
    AvatarMatrix::Slot slot{name, {}, {}};
    if (view.has("colors")) {
      view.at("colors").each([&](const std::string& property, const JsonView& value) {
        slot.colors.push_back(color_property(property, value));
      });
    }
    view.at("items").each([&](const std::string& variant, const JsonView& value) {
      const auto& variants = component->second.variants;
      if (std::find(variants.begin(), variants.end(), variant) == variants.end()) {
        value.fail("\"" + name + "\" has no variant \"" + variant + "\"; it has " + join_names(variants));
      }
      slot.items.emplace_back(variant, value.json().is_null() ? AvatarMatrix::Item{} : item(value, name, slot.colors));
    });
    matrix_.slots_.push_back(std::move(slot));
  }

  /// "hair", or {color, lighter}.
  AvatarMatrix::ColorProperty color_property(const std::string& property, const JsonView& view) {
    if (view.json().is_string()) return {property, color(view.string(kMaxName), view), 0};
    view.expect_object({"color", "lighter"});
    return {property, color(view.at("color").string(kMaxName), view.at("color")), view.at("lighter").number(0, 1)};
  }

  std::string color(const std::string& name, const JsonView& view) {
    if (!engine_.palettes().contains(name)) {
      std::vector<std::string> known;
      for (const auto& entry : engine_.palettes()) known.push_back(entry.first);
      view.fail("the engine has no colour \"" + name + "\"; it has " + join_names(known, 99));
    }
    return name;
  }

  void tones(const std::string& name, const JsonView& view) {
    AvatarMatrix::Tones tones{color(name, view), {}};
    view.each([&](const std::string& hex, const JsonView& value) {
      const auto normal = normalize_hex(hex);
      if (!normal || normal->size() != 7) value.fail("\"" + hex + "\" must be a colour such as #a07e56");
      tones.entries.emplace_back(*normal, item(value, name, {}));
    });
    if (tones.entries.empty()) view.fail("is empty; name at least one colour and its item");
    matrix_.tones_.push_back(std::move(tones));
  }

  const Engine& engine_;
  AvatarMatrix& matrix_;
  std::map<std::string, std::string> owners_;  // item name -> component, colour or "always"
};

Result<AvatarMatrix> AvatarMatrix::parse_at(const std::string& text, const Engine& engine, const std::string& where) {
  try {
    AvatarMatrix matrix;
    matrix.sha256_ = sha256_hex(text);
    const ordered_json document = parse_json(text);
    CatalogueReader(engine, matrix).read(JsonView(document, ""));
    return matrix;
  } catch (const Failure& failure) {
    return Error{failure.error().code, where + ": " + failure.error().message};
  }
}

Result<AvatarMatrix> AvatarMatrix::parse(const std::string& catalogue, const Engine& engine) {
  return parse_at(catalogue, engine, "the catalogue of engine " + engine.name());
}

Result<AvatarMatrix> AvatarMatrix::open(const std::filesystem::path& catalogue, const Engine& engine) {
  try {
    return parse_at(read_definition_text(catalogue), engine, catalogue.string());
  } catch (const Failure& failure) {
    return failure.error();
  }
}

ordered_json AvatarMatrix::write(const Avatar& avatar) const {
  ordered_json items = ordered_json::array();
  const auto add = [&items](const Item& item, const Properties& more) {
    ordered_json entry = {{"name", item.name}};
    Properties properties = item.properties;
    properties.insert(more.begin(), more.end());
    if (!properties.empty()) entry["properties"] = properties;
    items.push_back(std::move(entry));
  };
  for (const Item& item : always_) add(item, {});
  for (const Tones& tones : tones_) {
    const auto color = avatar.colors.find(tones.color);
    if (color == avatar.colors.end()) continue;
    const cv::Vec3d target = hex_to_lab(color->second);
    const auto nearest =
        std::min_element(tones.entries.begin(), tones.entries.end(), [&](const auto& a, const auto& b) {
          return ciede2000(target, hex_to_lab(a.first)) < ciede2000(target, hex_to_lab(b.first));
        });
    add(nearest->second, {});
  }
  for (const Slot& slot : slots_) {
    const auto chosen = avatar.discrete.find(slot.component);
    if (chosen == avatar.discrete.end() || !chosen->second) continue;
    const auto found = std::find_if(slot.items.begin(), slot.items.end(),
                                    [&](const auto& entry) { return entry.first == *chosen->second; });
    if (found == slot.items.end() || found->second.name.empty()) continue;
    Properties colors;
    for (const ColorProperty& property : slot.colors) {
      const auto color = avatar.colors.find(property.color);
      if (color != avatar.colors.end()) colors[property.property] = written(color->second, property.lighter);
    }
    add(found->second, colors);
  }
  ordered_json matrix = {{"name", nullptr}, {"items", std::move(items)}};
  for (const char* key : kWeights) matrix[key] = ordered_json::object();
  return matrix;
}

Result<Avatar> AvatarMatrix::read(const json& native) const {
  try {
    if (!native.is_object() || !native.contains("items"))
      refuse("the file", "must be an AvatarMatrix: an object with \"items\"");
    for (const auto& [key, value] : native.items()) {
      const bool is_weights = std::find(kWeights.begin(), kWeights.end(), key) != kWeights.end();
      if (!is_weights && key != "name" && key != "items") refuse("/" + key, "is no key of an AvatarMatrix");
      if (key == "name" && !value.is_string() && !value.is_null()) refuse("/name", "must be a string or null");
      if (is_weights && (!value.is_object() ||
                         std::any_of(value.begin(), value.end(), [](const json& v) { return !v.is_number(); }))) {
        refuse("/" + key, "must map names to numbers");
      }
    }
    return read_items(native.at("items"));
  } catch (const Failure& failure) {
    return failure.error();
  }
}

Result<Avatar> AvatarMatrix::read_items(const json& items) const {
  if (!items.is_array()) refuse("/items", "must be a list");
  Avatar avatar;
  for (size_t i = 0; i < items.size(); ++i) {
    const json& entry = items[i];
    const std::string where = "/items/" + std::to_string(i);
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string())
      refuse(where, "must be an object with a \"name\"");
    const auto name = entry["name"].get<std::string>();
    Properties properties;
    if (entry.contains("properties")) {
      if (!entry["properties"].is_object()) refuse(where + "/properties", "must be an object");
      for (const auto& [key, value] : entry["properties"].items()) {
        if (!value.is_string()) refuse(where + "/properties/" + key, "must be a string, as all properties");
        properties[key] = value.get<std::string>();
      }
    }
    bool known = false, same = false;  // is the name in the catalogue; with these properties?
    const auto stands_here = [&](const Item& item) {
      if (item.name != name) return false;
      known = true;
      return same = std::all_of(item.properties.begin(), item.properties.end(), [&](const auto& property) {
               const auto given = properties.find(property.first);
               return given == properties.end() ? false : given->second == property.second;
             });
    };
    for (const Tones& tones : tones_) {
      const auto found = std::find_if(tones.entries.begin(), tones.entries.end(),
                                      [&](const auto& tone) { return stands_here(tone.second); });
      if (found == tones.entries.end()) continue;
      if (!avatar.colors.emplace(tones.color, found->first).second)
        refuse(where, "is a second item for " + tones.color + "; leave one out");
    }
    for (const Slot& slot : slots_) {
      const auto found = std::find_if(slot.items.begin(), slot.items.end(),
                                      [&](const auto& item) { return stands_here(item.second); });
      if (found == slot.items.end()) continue;
      if (!avatar.discrete.emplace(slot.component, found->first).second)
        refuse(where, "is a second item for " + slot.component + "; leave one out");
      for (const ColorProperty& property : slot.colors) {
        const auto given = properties.find(property.property);
        if (given == properties.end() || property.lighter > 0) continue;
        const auto hex = normalize_hex(given->second);
        if (!hex)
          refuse(where + "/properties/" + property.property,
                 "is \"" + given->second + "\", not a colour such as #231814");
        avatar.colors[property.color] = *hex;
      }
    }
    for (const Item& item : always_) known = known || item.name == name, same = same || item.name == name;
    if (!known)
      refuse(where,
             "is \"" + name +
                 "\", which the catalogue does not have; give the catalogue that it comes from with --catalogue");
    if (!same)
      refuse(
          where,
          "is \"" + name +
              "\" with other properties than in the catalogue; give the catalogue that it comes from with --catalogue");
  }
  return avatar;
}

}  // namespace swiftavatar
