#include "avatar/definition_reader.h"

#include <algorithm>
#include <set>

#include "avatar/component_range.h"
#include "avatar/drawing_cost.h"
#include "avatar/hex_color.h"
#include "avatar/svg_allow_list.h"
#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

constexpr double kMaxSide = 1'000'000;
constexpr size_t kMaxGroups = 512;  // components, colours

// A {min, max, step} range; `unchanged` where there is none.
ValueRange read_range(const JsonView& owner, const std::string& key, double unchanged, double min, double max) {
  if (!owner.has(key)) return {unchanged, unchanged};
  const JsonView view = owner.at(key);
  view.expect_object({"min", "max", "step"});
  ValueRange range{view.at("min").number(min, max), view.at("max").number(min, max)};
  if (range.min > range.max) view.fail("min is above max");
  if (view.has("step")) {
    range.step = view.at("step").number(0, max - min);
    if (range.step == 0) view.at("step").fail("must be above 0");
  }
  return range;
}

ComponentRanges read_ranges(const JsonView& component) {
  ComponentRanges ranges;
  if (component.has("translate")) {
    const JsonView translate = component.at("translate");
    translate.expect_object({"x", "y"});
    ranges.translate_x = read_range(translate, "x", 0, -1000, 1000);
    ranges.translate_y = read_range(translate, "y", 0, -1000, 1000);
  }
  ranges.rotate = read_range(component, "rotate", 0, -360, 360);
  ranges.scale = read_range(component, "scale", 1, 0, 10);
  return ranges;
}

void collect_ids(const std::vector<ArtNode>& nodes, std::vector<std::string>& ids) {
  for (const ArtNode& node : nodes) {
    for (const auto& [name, value] : node.attributes) {
      if (name == "id") ids.push_back(value.text);
    }
    collect_ids(node.children, ids);
  }
}

void expect_name(const std::string& name, const JsonView& view) {
  if (!is_camel_case(name)) view.fail("\"" + name + "\" is not a camelCase name of at most 64 characters");
}

ArtComponent read_component(const JsonView& view, ElementReader& reader, Component& summary) {
  view.expect_object({"width", "height", "probability", "rotate", "scale", "translate", "keepStroke", "variants"});
  ArtComponent part;
  part.width = view.at("width").number(1, kMaxSide);
  part.height = view.at("height").number(1, kMaxSide);
  if (view.has("probability")) part.probability = view.at("probability").number(0, 100);
  if (view.has("keepStroke")) part.keep_stroke = view.at("keepStroke").boolean();

  view.at("variants").each([&](const std::string& name, const JsonView& variant) {
    expect_name(name, variant);
    variant.expect_object({"elements", "weight", "tags"});
    if (variant.has("weight")) variant.at("weight").number(0, 1'000'000);
    if (variant.has("tags")) {
      for (const JsonView& tag : variant.at("tags").items(256)) tag.string(256);
    }
    ArtVariant drawn;
    drawn.elements = reader.elements(variant.at("elements"));
    collect_ids(drawn.elements, drawn.ids);
    part.variants.emplace(name, std::move(drawn));
    summary.variants.push_back(name);
  });
  if (part.variants.empty()) view.at("variants").fail("has no variant");
  summary.width = part.width;
  summary.height = part.height;
  summary.optional = part.probability < 100;
  return part;
}

void read_components(const JsonView& root, ElementReader& reader, DefinitionParts& parts) {
  if (!root.has("components")) return;
  const JsonView components = root.at("components");
  if (components.json().size() > kMaxGroups) components.fail("has more than 512 components");
  components.each([&](const std::string& name, const JsonView& view) {
    expect_name(name, view);
    if (view.has("extends")) {
      view.expect_object({"extends"});
      const std::string source = view.at("extends").string(64);
      if (!components.has(source)) view.at("extends").fail("there is no component \"" + source + "\"");
      if (components.at(source).has("extends")) view.at("extends").fail("\"" + source + "\" is an alias itself");
      parts.art.aliases[name] = source;
    } else {
      Component summary;
      parts.art.components.emplace(name, read_component(view, reader, summary));
      parts.components.emplace(name, std::move(summary));
    }
  });
  components.each([&](const std::string& name, const JsonView&) {
    const std::string& source = parts.art.source(name);
    const ArtComponent& part = parts.art.components.at(source);
    ArtTransform transform = drawn_transform(name, read_ranges(components.at(source)), part.width, part.height);
    if (!transform.text.empty()) parts.art.ranges.emplace(name, std::move(transform));
  });
}

void read_colors(const JsonView& root, DefinitionParts& parts) {
  if (!root.has("colors")) return;
  const JsonView colors = root.at("colors");
  if (colors.json().size() > kMaxGroups) colors.fail("has more than 512 colours");
  colors.each([&](const std::string& name, const JsonView& view) {
    expect_name(name, view);
    view.expect_object({"values", "notEqualTo", "contrastTo"});
    Palette palette;
    for (const JsonView& value : view.at("values").items(128)) {
      const auto color = normalize_hex(value.string(9));
      if (!color) value.fail("\"" + value.string(9) + "\" is not a colour such as #a07e56");
      palette.values.push_back(*color);
    }
    if (palette.values.empty()) view.at("values").fail("has no colour");
    parts.palettes.emplace(name, std::move(palette));

    // A rule may name a colour that the file lacks, such as the background, which is then left out of the rule.
    ArtColorRule rule{name, {}, {}};
    if (view.has("notEqualTo")) {
      for (const JsonView& reference : view.at("notEqualTo").items(64)) {
        if (const std::string other = reference.string(64); colors.has(other)) rule.not_equal_to.push_back(other);
      }
    }
    if (view.has("contrastTo")) {
      if (const std::string other = view.at("contrastTo").string(64); colors.has(other)) rule.contrast_to = other;
    }
    parts.art.color_rules.push_back(std::move(rule));
  });
}

// The credit as Dublin Core, so that it stays with every picture.
std::string read_metadata(const JsonView& root) {
  if (!root.has("meta")) return {};
  const JsonView meta = root.at("meta");
  meta.expect_object({"license", "creator", "source"});
  const auto entry = [&meta](const std::string& group, const std::string& key, size_t max_length) -> std::string {
    if (!meta.has(group) || !meta.at(group).has(key)) return {};
    const JsonView view = meta.at(group).at(key);
    std::string text = view.string(max_length);
    if (key == "url" && text.rfind("https://", 0) != 0 && text.rfind("http://", 0) != 0)
      view.fail("is not a web address");
    if (std::any_of(text.begin(), text.end(),
                    [](unsigned char c) { return c < 0x20 && c != '\n' && c != '\t' && c != '\r'; })) {
      view.fail("has a control character");
    }
    return text;
  };
  for (const char* group : {"license", "creator", "source"}) {
    if (!meta.has(group)) continue;
    if (std::string_view(group) == "license")
      meta.at(group).expect_object({"name", "url", "text"});
    else
      meta.at(group).expect_object({"name", "url"});
  }
  entry("license", "text", 32768);  // checked only: the name and the address stand for it in the picture
  std::string fields;
  const auto field = [&fields](const std::string& tag, const std::string& text) {
    if (!text.empty()) fields += '<' + tag + '>' + escape_xml(text) + "</" + tag + '>';
  };
  const std::string title = entry("source", "name", 128), creator = entry("creator", "name", 128),
                    license = entry("license", "name", 128);
  field("dc:title", title);
  field("dc:creator", creator);
  entry("creator", "url", 2048);
  field("dc:source", entry("source", "url", 2048));
  // CC BY asks for title, creator, licence and the word that the work was changed.
  const std::string work = (title.empty() ? "" : "“" + title + "” ") + (creator.empty() ? "" : "by " + creator + " ");
  field("dc:rights", license.empty() || work.empty() ? license : "Arranged from " + work + "(" + license + ")");
  field("dcterms:license", entry("license", "url", 2048));
  if (fields.empty()) return {};
  return "<metadata><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
         " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\">"
         "<rdf:Description>" +
         fields + "</rdf:Description></rdf:RDF></metadata>";
}

// Components that follow the choice of another one.
void read_tied(const JsonView& root, DefinitionParts& parts) {
  if (!root.has("tied")) return;
  root.at("tied").each([&](const std::string& name, const JsonView& view) {
    const std::string other = view.string(64);
    if (!parts.components.contains(name)) view.fail("there is no component \"" + name + "\" that could be tied");
    if (!parts.components.contains(other)) view.fail("there is no component \"" + other + "\"");
    if (other == name || root.at("tied").has(other)) view.fail("\"" + other + "\" is tied itself");
    for (const std::string& variant : parts.components.at(other).variants) {
      if (!parts.art.components.at(name).variants.contains(variant)) {
        view.fail("\"" + name + "\" has no variant \"" + variant + "\" as \"" + other + "\" has");
      }
    }
    parts.art.tied[name] = other;
  });
  for (const auto& [name, other] : parts.art.tied) parts.components.erase(name);
}

// Components that are drawn otherwise while another one shows something.
void read_substitutes(const JsonView& root, DefinitionParts& parts) {
  if (!root.has("substitutes")) return;
  const auto expect_variant = [&](const std::string& component, const std::string& variant, const JsonView& view) {
    if (parts.art.components.at(component).variants.contains(variant)) return;
    view.fail("there is no variant \"" + variant + "\" of \"" + component + "\"");
  };
  root.at("substitutes").each([&](const std::string& name, const JsonView& view) {
    view.expect_object({"where", "shows", "draw"});
    ArtSubstitute substitute;
    substitute.where = view.at("where").string(64);
    for (const std::string& component : {name, substitute.where}) {
      if (!parts.components.contains(component))
        view.fail("there is no component \"" + component + "\" that is chosen");
    }
    if (name == substitute.where) view.at("where").fail("\"" + name + "\" cannot decide over itself");
    for (const JsonView& item : view.at("shows").items(kMaxGroups)) {
      expect_variant(substitute.where, item.string(64), item);
      substitute.shows.insert(item.string(64));
    }
    view.at("draw").each([&](const std::string& from, const JsonView& to) {
      expect_variant(name, from, to);
      expect_variant(name, to.string(64), to);
      substitute.draw[from] = to.string(64);
    });
    parts.art.substitutes.emplace(name, std::move(substitute));
  });
}

}  // namespace

DefinitionParts read_definition(const nlohmann::ordered_json& document) {
  const JsonView root(document, "");
  root.expect_object({"$id", "$schema", "$comment", "meta", "attributes", "canvas", "components", "colors",
                      "parameters", "anchors", "tied", "substitutes"});
  for (const char* key : {"$id", "$schema", "$comment"}) {
    if (root.has(key)) root.at(key).string(4096);
  }
  DefinitionParts parts;
  parts.art.metadata = read_metadata(root);
  read_colors(root, parts);

  const nlohmann::ordered_json none = nlohmann::ordered_json::object();
  ElementReader reader(parts.palettes, root.has("components") ? root.at("components").json() : none);
  if (root.has("attributes")) parts.art.attributes = reader.attributes(root.at("attributes"));
  const JsonView canvas = root.at("canvas");
  canvas.expect_object({"width", "height", "elements"});
  parts.art.width = canvas.at("width").number(1, kMaxSide);
  parts.art.height = canvas.at("height").number(1, kMaxSide);
  parts.art.canvas = reader.elements(canvas.at("elements"));
  read_components(root, reader, parts);
  read_tied(root, parts);
  read_substitutes(root, parts);
  check_drawing_cost(root, parts.art);
  parts.sliders = read_sliders(root, parts.art);
  parts.art.anchors = read_anchors(root, parts.art);
  return parts;
}

}  // namespace swiftavatar
