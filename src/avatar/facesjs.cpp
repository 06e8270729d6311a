#include "avatar/facesjs.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "avatar/hex_color.h"
#include "avatar/json_view.h"

namespace swiftavatar {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

/// Where a number or a colour of the avatar stands in FaceConfig.
struct Field {
  const char* feature;  // empty: at the root
  const char* key;
  const char* ours;
};
constexpr Field kNumbers[] = {{"", "fatness", "fatness"},   {"body", "size", "body_size"},
                              {"ear", "size", "ear_size"},  {"smileLine", "size", "smile_line_size"},
                              {"eye", "angle", "eye_tilt"}, {"eyebrow", "angle", "brow_tilt"},
                              {"nose", "size", "nose_size"}};
constexpr Field kColors[] = {{"body", "color", "skin"}, {"hair", "color", "hair"}};
constexpr const char* kTeam[] = {"primary", "secondary", "accent"};

/// Styles of hair that have a half behind the head: hair -> hairBg.
constexpr std::pair<const char*, const char*> kBehind[] = {{"longHair", "longHair"},
                                                           {"shaggy1", "shaggy"},
                                                           {"shaggy2", "shaggy"},
                                                           {"female1", "female1"},
                                                           {"female2", "female2"}};

/// In the order of faces.js' own files.
constexpr const char* kOrder[] = {"hairBg",    "body",     "jersey",     "ear",        "head",    "eyeLine",
                                  "smileLine", "miscLine", "facialHair", "eye",        "eyebrow", "hair",
                                  "mouth",     "nose",     "glasses",    "accessories"};

class FaceConfig : public NativeFormat {
 public:
  FaceConfig(const Engine& engine, FacesjsDefinition definition)
      : engine_(engine), definition_(std::move(definition)) {}

  ordered_json write(const Avatar& avatar) const override {
    ordered_json face;
    face["fatness"] = 0;
    face["teamColors"] = ordered_json::array();
    for (const char* color : kTeam) face["teamColors"].push_back(avatar.colors.at(color));
    for (const char* feature : kOrder) {
      FacesjsId id{"none", false};
      const auto choice = avatar.discrete.find(feature);
      if (choice != avatar.discrete.end() && choice->second) id = definition_.names.at(feature).at(*choice->second);
      face[feature]["id"] = id.id;
      for (const Field& field : kColors) {
        if (std::string(feature) == field.feature) face[feature]["color"] = avatar.colors.at(field.ours);
      }
      const std::string name = feature;
      if (name == "hair" || name == "mouth" || name == "nose") face[feature]["flip"] = id.flip;
      if (name == "head") face[feature]["shave"] = "rgba(0,0,0," + text(stubble(avatar)) + ")";
    }
    for (const Field& field : kNumbers) {
      const auto value = avatar.continuous.find(field.ours);
      const double number = rounded(value == avatar.continuous.end() ? 1 : value->second);
      (*field.feature ? face[field.feature][field.key] : face[field.key]) = number;
    }
    return face;
  }

  void settle(Avatar& avatar) const override {
    const auto id_of = [&](const std::string& feature) -> std::string {
      const auto choice = avatar.discrete.find(feature);
      return choice == avatar.discrete.end() || !choice->second ? "none"
                                                                : definition_.names.at(feature).at(*choice->second).id;
    };
    if (engine_.components().contains("hairBg")) {
      avatar.discrete["hairBg"] = std::nullopt;
      for (const auto& [hair, behind] : kBehind) {
        const std::string variant = definition_.variant("hairBg", behind);
        if (id_of("hair") == hair && !variant.empty()) avatar.discrete["hairBg"] = variant;
      }
    }
    // As FaceConfig is written, so that it draws the very same picture.
    for (auto& [name, value] : avatar.continuous) {
      const Slider& slider = engine_.sliders().at(name);
      value = std::clamp(rounded(value), slider.min, slider.max);
    }
    // A beard hides the shade on the skin below it.
    if (id_of("facialHair") != "none" && engine_.components().contains("stubble"))
      avatar.discrete["stubble"] = std::nullopt;
  }

  Result<Avatar> read(const json& native) const override {
    try {
      return avatar_of(native);
    } catch (const Failure& failure) {
      return failure.error();
    }
  }

 private:
  static std::string text(double number) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.4g", rounded(number));
    return digits;
  }

  static double stubble(const Avatar& avatar) {
    const auto shown = avatar.discrete.find("stubble");
    const auto opacity = avatar.continuous.find("stubble");
    return shown != avatar.discrete.end() && shown->second && opacity != avatar.continuous.end() ? opacity->second : 0;
  }

  [[noreturn]] static void refuse(const std::string& reason) {
    throw Failure(ErrorCode::usage, "is no FaceConfig: " + reason);
  }

  static const json* find(const json& object, const std::string& key) {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? nullptr : &*found;
  }

  Avatar avatar_of(const json& face) const {
    if (!face.is_object()) refuse("it is not an object");
    Avatar avatar;
    for (const char* feature : kOrder) {
      const json* entry = find(face, feature);
      if (!entry) continue;
      if (!entry->is_object()) refuse(std::string(feature) + " is not an object");
      read_feature(feature, *entry, avatar);
    }
    for (const Field& field : kNumbers) {
      const json* owner = *field.feature ? find(face, field.feature) : &face;
      const json* value = owner ? find(*owner, field.key) : nullptr;
      const auto slider = engine_.sliders().find(field.ours);
      if (!value || slider == engine_.sliders().end()) continue;
      const std::string path = (*field.feature ? field.feature + std::string(".") : "") + field.key;
      if (!value->is_number() || !std::isfinite(value->get<double>())) refuse(path + " is not a number");
      avatar.continuous[field.ours] = std::clamp(value->get<double>(), slider->second.min, slider->second.max);
    }
    if (const json* team = find(face, "teamColors")) {
      if (!team->is_array() || team->size() != 3) refuse("teamColors is not a list of three colours");
      for (size_t i = 0; i < 3; ++i) avatar.colors[kTeam[i]] = color((*team)[i], "teamColors");
    }
    return avatar;
  }

  void read_feature(const std::string& feature, const json& entry, Avatar& avatar) const {
    const json* id = find(entry, "id");
    const bool has_feature = engine_.components().contains(feature);
    if (id) {
      if (!id->is_string()) refuse(feature + ".id is not a string");
      const json* flip = find(entry, "flip");
      const bool can_flip = feature == "hair" || feature == "mouth" || feature == "nose";
      if (flip && !flip->is_boolean()) refuse(feature + ".flip is neither true nor false");
      const std::string name = id->get<std::string>();
      const std::string variant = definition_.variant(feature, name, can_flip && flip && flip->get<bool>());
      if (!variant.empty()) {
        avatar.discrete[feature] = variant;
      } else if (name != "none") {
        refuse(feature + ".id is \"" + name + "\", which the faces.js of --facesjs lacks");
      } else if (has_feature) {
        if (!engine_.components().at(feature).optional) refuse(feature + ".id is \"none\", but every face needs one");
        avatar.discrete[feature] = std::nullopt;
      }
    }
    for (const Field& field : kColors) {
      const json* value = feature == field.feature ? find(entry, "color") : nullptr;
      if (value) avatar.colors[field.ours] = color(*value, feature + ".color");
    }
    if (const json* shave = feature == "head" ? find(entry, "shave") : nullptr) read_shave(*shave, avatar);
  }

  static std::string color(const json& value, const std::string& path) {
    const auto hex = value.is_string() ? normalize_hex(value.get<std::string>()) : std::nullopt;
    if (!hex) refuse(path + " is no colour such as #a07e56");
    return *hex;
  }

  // "rgba(0,0,0,0.12)"
  void read_shave(const json& value, Avatar& avatar) const {
    const auto slider = engine_.sliders().find("stubble");
    if (slider == engine_.sliders().end()) return;
    double alpha = 0;
    int end = 0;
    const std::string given = value.is_string() ? value.get<std::string>() : "";
    if (std::sscanf(given.c_str(), " rgba( %*f , %*f , %*f , %lf )%n", &alpha, &end) != 1 || end == 0 ||
        !std::isfinite(alpha)) {
      refuse("head.shave is not like rgba(0,0,0,0.1)");
    }
    avatar.discrete["stubble"] = alpha > 0 ? std::optional<std::string>("shade") : std::nullopt;
    avatar.continuous["stubble"] = std::clamp(alpha, slider->second.min, slider->second.max);
  }

  Engine engine_;
  FacesjsDefinition definition_;
};

}  // namespace

FacesjsEngine open_facesjs(const std::filesystem::path& where) {
  FacesjsDefinition definition = define_facesjs(read_facesjs_parts(where), where);
  Engine engine = Engine::parse(definition.text, kFacesjsName).value();
  auto native = std::make_shared<FaceConfig>(engine, definition);
  return {std::move(engine), std::move(definition), std::move(native)};
}

std::string facesjs_semantics(const std::string& table_text, const FacesjsEngine& facesjs) {
  ordered_json table = parse_json(table_text);
  const JsonView root(table, "");
  ordered_json components = ordered_json::object(), order = ordered_json::array(), exclude = ordered_json::object();
  root.at("components").each([&](const std::string& feature, const JsonView& ids) {
    const auto component = facesjs.engine.components().find(feature);
    if (component == facesjs.engine.components().end()) return;
    const auto names = facesjs.definition.names.find(feature);
    ordered_json meanings = ordered_json::object();
    ids.each([&](const std::string& id, const JsonView& meaning) {
      if (id == "none") {
        if (component->second.optional) meanings["none"] = meaning.json();
      } else if (names == facesjs.definition.names.end()) {
        meanings[id] = meaning.json();  // the stubble, which is not among the drawings
      } else if (const std::string variant = facesjs.definition.variant(feature, id); !variant.empty()) {
        meanings[variant] = meaning.json();
      }
    });
    components[feature] = std::move(meanings);
  });
  for (const JsonView& item : root.at("order").items(64)) {
    if (components.contains(item.string(64))) order.push_back(item.json());
  }
  const auto is_excluded = [&](const std::string& feature, const std::string& id) {
    if (!root.has("exclude") || !root.at("exclude").has(feature)) return false;
    const auto ids = root.at("exclude").at(feature).items(1024);
    return std::any_of(ids.begin(), ids.end(), [&](const JsonView& item) { return item.string(64) == id; });
  };
  for (const auto& [feature, component] : facesjs.engine.components()) {
    const auto names = facesjs.definition.names.find(feature);
    ordered_json left_out = ordered_json::array();
    bool choice = component.optional;
    for (const std::string& variant : component.variants) {
      const FacesjsId meant = names == facesjs.definition.names.end() ? FacesjsId{variant} : names->second.at(variant);
      const bool unknown = components.contains(feature) && !components[feature].contains(variant);
      if (meant.flip || unknown || is_excluded(feature, meant.id))
        left_out.push_back(variant);
      else
        choice = true;
    }
    if (choice && !left_out.empty()) exclude[feature] = std::move(left_out);
  }
  ordered_json semantics{{"schema", root.at("schema").json()},
                         {"definition_sha256", facesjs.engine.sha256()},
                         {"order", order},
                         {"components", components}};
  for (const char* key : {"colors", "impossible"}) {
    if (root.has(key)) semantics[key] = root.at(key).json();
  }
  semantics["exclude"] = std::move(exclude);
  return semantics.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace swiftavatar
