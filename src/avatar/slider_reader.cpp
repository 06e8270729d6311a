#include <algorithm>
#include <cctype>

#include "avatar/blend.h"
#include "avatar/definition_reader.h"

namespace swiftavatar {
namespace {

constexpr double kMaxNumber = 1e6;

// How often each name is referenced on the canvas itself.
void count_references(const std::vector<ArtNode>& nodes, std::map<std::string, int>& counts) {
  for (const ArtNode& node : nodes) {
    if (node.kind == ArtNode::Kind::component) ++counts[node.name];
    count_references(node.children, counts);
  }
}

std::string read_component_name(const JsonView& view, const Art& art) {
  const std::string name = view.at("component").string(64);
  if (!art.components.contains(art.source(name))) view.at("component").fail("there is no component \"" + name + "\"");
  return name;
}

int read_instance(const JsonView& view, const std::string& component, const std::map<std::string, int>& counts) {
  const auto count = counts.find(component);
  const int references = count == counts.end() ? 0 : count->second;
  if (references == 0) view.at("instance").fail("\"" + component + "\" is not referenced on the canvas");
  return view.at("instance").integer(0, references - 1);
}

void read_blend(const JsonView& view, const Art& art, Drive& drive) {
  const auto& variants = art.components.at(art.source(drive.component)).variants;
  const auto variant = [&](const char* key) {
    const std::string name = view.at(key).string(64);
    if (!variants.contains(name)) view.at(key).fail("\"" + drive.component + "\" has no variant \"" + name + "\"");
    return name;
  };
  drive.blend_from = variant("from");
  drive.blend_to = variant("to");
  drive.from = -0.5;
  drive.to = 0.5;
  const std::string difference =
      structure_difference(variants.at(drive.blend_from).elements, variants.at(drive.blend_to).elements);
  if (!difference.empty()) view.at("to").fail("the two variants differ in more than numbers: " + difference);
}

Drive::Property read_property(const JsonView& view) {
  using enum Drive::Property;
  static const std::map<std::string, Drive::Property> properties = {
      {"translateX", translate_x}, {"translateY", translate_y}, {"scaleX", scale_x},
      {"scaleY", scale_y},         {"rotate", rotate},          {"blend", blend}};
  const std::string name = view.string(64);
  const auto found = properties.find(name);
  if (found == properties.end()) {
    view.fail("must be translateX, translateY, scaleX, scaleY, rotate or blend, not \"" + name + "\"");
  }
  return found->second;
}

Drive read_drive(const JsonView& view, const Art& art, const std::map<std::string, int>& counts) {
  Drive drive;
  view.expect_object({"component", "instance", "property", "from", "to"});
  drive.property = read_property(view.at("property"));
  const bool is_blend = drive.property == Drive::Property::blend,
             is_scale = drive.property == Drive::Property::scale_x || drive.property == Drive::Property::scale_y;
  drive.component = read_component_name(view, art);
  if (view.has("instance")) drive.instance = read_instance(view, drive.component, counts);
  if (is_blend) {
    read_blend(view, art, drive);
  } else {
    const double low = is_scale ? 1e-3 : -kMaxNumber, high = is_scale ? 1e3 : kMaxNumber;
    drive.from = view.at("from").number(low, high);
    drive.to = view.at("to").number(low, high);
  }
  return drive;
}

cv::Point2d read_point(const JsonView& view) {
  return {view.at("x").number(-kMaxNumber, kMaxNumber), view.at("y").number(-kMaxNumber, kMaxNumber)};
}

// {"attribute": "facial_hair", "positions": {"none": 0, "stubble": 0.5}}
void read_follows(const JsonView& view, Slider& slider) {
  view.expect_object({"attribute", "positions"});
  slider.attribute = view.at("attribute").string(64);
  const auto known = attribute_values().find(slider.attribute);
  if (known == attribute_values().end()) view.at("attribute").fail("\"" + slider.attribute + "\" is no attribute");
  view.at("positions").each([&](const std::string& value, const JsonView& position) {
    if (std::find(known->second.begin(), known->second.end(), value) == known->second.end()) {
      position.fail("\"" + value + "\" is no value of " + slider.attribute + "; it has " + join_names(known->second));
    }
    slider.positions[value] = position.number(0, 1);
  });
}

bool is_slider_name(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '_'); });
}

}  // namespace

std::map<std::string, Slider> read_sliders(const JsonView& root, const Art& art) {
  std::map<std::string, Slider> sliders;
  if (!root.has("parameters")) return sliders;
  std::map<std::string, int> counts;
  count_references(art.canvas, counts);
  root.at("parameters").each([&](const std::string& name, const JsonView& view) {
    if (!is_slider_name(name))
      view.fail("\"" + name + "\" is not a name of letters, digits and _ that starts in lower case");
    view.expect_object({"min", "max", "default", "measure", "follows", "drives"});
    Slider slider;
    slider.min = view.at("min").number(-kMaxNumber, kMaxNumber);
    slider.max = view.at("max").number(-kMaxNumber, kMaxNumber);
    if (slider.min >= slider.max) view.at("max").fail("max must be above min");
    slider.value = view.at("default").number(slider.min, slider.max);
    if (view.has("measure")) {
      slider.measure = view.at("measure").string(64);
      const auto& known = measure_names();
      if (std::find(known.begin(), known.end(), slider.measure) == known.end()) {
        view.at("measure").fail("\"" + slider.measure + "\" is not a measure (known: " + join_names(known) + ")");
      }
    }
    if (view.has("follows")) read_follows(view.at("follows"), slider);
    for (const JsonView& drive : view.at("drives").items(256)) slider.drives.push_back(read_drive(drive, art, counts));
    sliders.emplace(name, std::move(slider));
  });
  return sliders;
}

std::map<int, ArtAnchor> read_anchors(const JsonView& root, const Art& art) {
  std::map<int, ArtAnchor> anchors;
  if (!root.has("anchors")) return anchors;
  std::map<std::string, int> counts;
  count_references(art.canvas, counts);
  root.at("anchors").each([&](const std::string& key, const JsonView& view) {
    const bool is_index = !key.empty() && key.size() <= 3 &&
                          std::all_of(key.begin(), key.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
    if (!is_index || std::stoi(key) > 477) view.fail("\"" + key + "\" is not a mesh index from 0 to 477");
    view.expect_object({"component", "instance", "x", "y", "variants"});
    ArtAnchor anchor;
    anchor.component = read_component_name(view, art);
    if (view.has("instance")) anchor.instance = read_instance(view, anchor.component, counts);
    anchor.point = read_point(view);
    if (view.has("variants")) {
      const auto& known = art.components.at(art.source(anchor.component)).variants;
      view.at("variants").each([&](const std::string& variant, const JsonView& place) {
        if (!known.contains(variant)) place.fail("there is no variant \"" + variant + "\"");
        const auto point = place.items(2);
        if (point.size() != 2) place.fail("must be [x, y]");
        anchor.variants[variant] = {point[0].number(-kMaxNumber, kMaxNumber), point[1].number(-kMaxNumber, kMaxNumber)};
      });
    }
    anchors[std::stoi(key)] = std::move(anchor);
  });
  return anchors;
}

}  // namespace swiftavatar
