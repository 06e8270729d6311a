#include <algorithm>
#include <limits>

#include "avatar/hex_color.h"
#include "avatar/json_view.h"
#include "avatar/read_text.h"
#include "swiftavatar/avatar.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxList = 1024;

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The attribute that a colour role's anchors tell, or nullptr.
const char* role_attribute(const std::string& role) {
  if (role == "skin") return "skin_tone";
  if (role == "hair") return "hair_color";
  return nullptr;
}

std::string read_value(const std::string& attribute, const JsonView& view) {
  const std::string value = view.json().is_number_integer() ? view.json().dump() : view.string(kMaxName);
  const auto& known = attribute_values().at(attribute);
  if (!contains(known, value))
    view.fail("\"" + value + "\" is no value of " + attribute + "; it has " + join_names(known));
  return value;
}

void expect_attribute(const std::string& name, const JsonView& view) {
  if (attribute_values().contains(name)) return;
  std::vector<std::string> known;
  for (const auto& entry : attribute_values()) known.push_back(entry.first);
  view.fail("\"" + name + "\" is no attribute; there are " + join_names(known));
}

const Component& find_component(const Engine& engine, const std::string& name, const JsonView& view) {
  const auto found = engine.components().find(name);
  if (found == engine.components().end()) view.fail("the engine has no component \"" + name + "\"");
  return found->second;
}

// One value, or a list of them.
std::vector<std::string> read_values(const std::string& attribute, const JsonView& view) {
  if (!view.json().is_array()) return {read_value(attribute, view)};
  std::vector<std::string> values;
  for (const JsonView& item : view.items(kMaxList)) values.push_back(read_value(attribute, item));
  if (values.empty()) view.fail("is empty; name at least one value");
  return values;
}

std::vector<std::string> read_hexes(const JsonView& view) {
  std::vector<std::string> hexes;
  const auto add = [&hexes](const JsonView& item) {
    const auto hex = normalize_hex(item.string(9));
    if (!hex || hex->size() != 7) item.fail("must be a colour such as #a07e56");
    hexes.push_back(*hex);
  };
  if (view.json().is_array()) {
    for (const JsonView& item : view.items(kMaxList)) add(item);
  } else {
    add(view);
  }
  if (hexes.empty()) view.fail("is empty; name at least one colour");
  return hexes;
}

std::vector<std::string> read_variants(const std::string& name, const JsonView& list, const Engine& engine) {
  const Component& component = find_component(engine, name, list);
  std::vector<std::string> variants;
  for (const JsonView& item : list.items(kMaxList)) {
    const std::string variant = item.string(kMaxName);
    if (!contains(component.variants, variant) && !(variant == "none" && component.optional)) {
      item.fail("\"" + name + "\" has no variant \"" + variant + "\"");
    }
    if (contains(variants, variant)) item.fail("\"" + variant + "\" stands twice");
    variants.push_back(variant);
  }
  return variants;
}

Semantics::Table read_table(const JsonView& components, const Engine& engine) {
  Semantics::Table table;
  components.each([&](const std::string& name, const JsonView& variants) {
    const Component& component = find_component(engine, name, variants);
    variants.each([&](const std::string& variant, const JsonView& meaning) {
      if (variant == "none" ? !component.optional && !contains(component.variants, variant)
                            : !contains(component.variants, variant)) {
        meaning.fail("\"" + name + "\" has no variant \"" + variant + "\"; it has " + join_names(component.variants));
      }
      auto& entry = table[name][variant];
      meaning.each([&](const std::string& attribute, const JsonView& value) {
        expect_attribute(attribute, value);
        entry[attribute] = read_values(attribute, value);
      });
    });
  });
  return table;
}

std::map<std::string, Semantics::Role> read_colors(const JsonView& colors, const Engine& engine) {
  std::map<std::string, Semantics::Role> roles;
  colors.each([&](const std::string& name, const JsonView& view) {
    view.expect_object({"color", "anchors"});
    Semantics::Role role;
    role.color = view.at("color").string(kMaxName);
    if (!engine.palettes().contains(role.color))
      view.at("color").fail("the engine has no colour \"" + role.color + "\"");
    if (view.has("anchors")) {
      const char* attribute = role_attribute(name);
      if (!attribute) view.at("anchors").fail("only the roles skin and hair have anchors");
      view.at("anchors").each([&](const std::string& value, const JsonView& hexes) {
        if (!contains(attribute_values().at(attribute), value)) {
          hexes.fail("\"" + value + "\" is no value of " + attribute);
        }
        role.anchors[value] = read_hexes(hexes);
      });
    }
    roles.emplace(name, std::move(role));
  });
  return roles;
}

}  // namespace

std::string Semantics::Role::nearest_value(const cv::Vec3d& lab) const {
  std::string nearest;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [value, hexes] : anchors) {
    for (const std::string& hex : hexes) {
      const double distance = ciede2000(lab, hex_to_lab(hex));
      if (distance < least) {
        least = distance;
        nearest = value;
      }
    }
  }
  return nearest;
}

Result<Semantics> Semantics::parse(const std::string& text, const Engine& engine) {
  return parse_at(text, engine, "the semantics of engine " + engine.name());
}

Result<Semantics> Semantics::open(const std::filesystem::path& file, const Engine& engine) {
  try {
    return parse_at(read_definition_text(file), engine, file.string());
  } catch (const Failure& failure) {
    return failure.error();
  }
}

Result<Semantics> Semantics::parse_at(const std::string& text, const Engine& engine, const std::string& where) {
  try {
    const nlohmann::ordered_json document = parse_json(text);
    const JsonView root(document, "");
    // `tied` repeats the definition's map for people who read this file alone; only the definition's counts.
    root.expect_object({"schema", "$comment", "definition_sha256", "order", "components", "colors", "exclude", "prefer",
                        "impossible", "tied"});
    const std::string schema = root.at("schema").string(kMaxName);
    if (schema != "swiftavatar.semantics/1")
      root.at("schema").fail("is \"" + schema + "\", not swiftavatar.semantics/1");
    const std::string hash = root.at("definition_sha256").string(kMaxName);
    if (hash != engine.sha256()) {
      root.at("definition_sha256")
          .fail("was written for the definition with SHA-256 " + hash + ", but engine " + engine.name() + " has " +
                engine.sha256() + "; check the semantics against the new definition and put its hash here");
    }
    Semantics semantics;
    semantics.components_ = read_table(root.at("components"), engine);
    for (const JsonView& item : root.at("order").items(kMaxList)) {
      const std::string name = item.string(kMaxName);
      find_component(engine, name, item);
      if (contains(semantics.order_, name)) item.fail("\"" + name + "\" stands twice");
      semantics.order_.push_back(name);
    }
    for (const auto& [name, unused] : semantics.components_) {
      if (!contains(semantics.order_, name)) root.at("order").fail("lacks \"" + name + "\", which components has");
    }
    if (root.has("colors")) semantics.colors_ = read_colors(root.at("colors"), engine);
    if (root.has("exclude")) {
      root.at("exclude").each([&](const std::string& name, const JsonView& list) {
        semantics.exclude_[name] = read_variants(name, list, engine);
        const Component& component = find_component(engine, name, list);
        if (semantics.exclude_[name].size() >= component.variants.size() + (component.optional ? 1 : 0)) {
          list.fail("leaves no choice of \"" + name + "\"");
        }
      });
    }
    if (root.has("prefer")) {
      const JsonView prefer = root.at("prefer");
      prefer.expect_object({"components", "colors"});
      if (prefer.has("components")) {
        prefer.at("components").each([&](const std::string& name, const JsonView& list) {
          semantics.prefer_[name] = read_variants(name, list, engine);
          for (const std::string& variant : semantics.prefer_[name]) {
            if (semantics.excluded(name, variant))
              list.fail("\"" + variant + "\" is preferred and excluded; choose one");
          }
        });
      }
      if (prefer.has("colors")) {
        prefer.at("colors").each([&](const std::string& name, const JsonView& hex) {
          if (!engine.palettes().contains(name)) hex.fail("the engine has no colour \"" + name + "\"");
          semantics.prefer_colors_[name] = read_hexes(hex).front();
        });
      }
    }
    if (root.has("impossible")) {
      for (const JsonView& item : root.at("impossible").items(kMaxList)) {
        const std::string attribute = item.string(kMaxName);
        expect_attribute(attribute, item);
        semantics.impossible_.push_back(attribute);
      }
    }
    return semantics;
  } catch (const Failure& failure) {
    return Error{failure.error().code, where + ": " + failure.error().message};
  }
}

bool Semantics::excluded(const std::string& component, const std::string& variant) const {
  const auto found = exclude_.find(component);
  return found != exclude_.end() && contains(found->second, variant);
}

const std::vector<std::string>& Semantics::preferred(const std::string& component) const {
  static const std::vector<std::string> nothing;
  const auto found = prefer_.find(component);
  return found == prefer_.end() ? nothing : found->second;
}

Avatar Semantics::start(const Engine& engine) const {
  Avatar avatar = engine.default_avatar();
  for (const auto& [name, variants] : prefer_) {
    if (variants.empty()) continue;
    const bool absent =
        variants.front() == "none" && !contains(engine.components().at(name).variants, variants.front());
    avatar.discrete[name] = absent ? std::nullopt : std::optional(variants.front());
  }
  for (const auto& [name, hex] : prefer_colors_) avatar.colors[name] = hex;
  return avatar;
}

Attributes Semantics::read(const Avatar& avatar) const {
  Attributes attributes;
  for (const auto& [name, role] : colors_) {
    const char* attribute = role_attribute(name);
    const auto color = avatar.colors.find(role.color);
    if (!attribute || role.anchors.empty() || color == avatar.colors.end()) continue;
    attributes[attribute] = role.nearest_value(hex_to_lab(color->second));
  }
  for (const std::string& name : order_) {
    const auto table = components_.find(name);
    const auto choice = avatar.discrete.find(name);
    if (table == components_.end() || choice == avatar.discrete.end()) continue;
    const auto meaning = table->second.find(choice->second.value_or("none"));
    if (meaning == table->second.end()) continue;
    for (const auto& [attribute, values] : meaning->second) attributes[attribute] = values.front();
  }
  for (const std::string& attribute : impossible_) attributes.erase(attribute);
  return attributes;
}

}  // namespace swiftavatar
