#include <algorithm>
#include <cmath>

#include "avatar/definition_reader.h"
#include "avatar/svg_allow_list.h"
#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

constexpr size_t kMaxElements = 100'000;
constexpr size_t kMaxChildren = 1024;
constexpr double kMaxScale = 1e9;
constexpr size_t kMaxValue = 1024, kMaxPath = 16384, kMaxCss = 4096;

// Text and fonts that DiceBear fills in from a seed; an explicit avatar has none.
std::string variable(const JsonView& view, std::initializer_list<std::pair<std::string_view, std::string_view>> known) {
  view.expect_object({"type", "name"});
  const std::string name = view.at("name").string(64);
  for (const auto& [key, value] : known) {
    if (name == key) return std::string(value);
  }
  view.at("name").fail("unknown variable \"" + name + "\"");
}

}  // namespace

bool is_camel_case(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 128 && std::isalnum(c); });
}

std::vector<ArtNode> ElementReader::elements(const JsonView& list) {
  std::vector<ArtNode> nodes;
  for (const JsonView& item : list.items(kMaxChildren)) {
    if (++count_ > kMaxElements) item.fail("the file has more than " + std::to_string(kMaxElements) + " elements");
    const std::string type = item.at("type").string(64);
    if (type == "element") {
      nodes.push_back(element(item));
    } else if (type == "component") {
      nodes.push_back(component(item));
    } else if (type == "text") {
      nodes.push_back(text(item, false));
    } else {
      item.at("type").fail("must be element, component or text, not \"" + type + "\"");
    }
  }
  return nodes;
}

ArtNode ElementReader::element(const JsonView& view) {
  view.expect_object({"type", "name", "attributes", "children", "animations"});
  ArtNode node;
  node.name = view.at("name").string(64);
  if (!allowed_element(node.name)) view.at("name").fail("element <" + node.name + "> is not allowed");
  const bool is_style = node.name == "style";
  if (view.has("attributes")) node.attributes = attributes(view.at("attributes"), is_style);
  for (const auto& [name, value] : node.attributes) {
    if (name == "transform") node.transform = *parse_transform(value.text);
  }
  if (!view.has("children")) return node;
  if (is_style) {
    ArtNode sheet;
    sheet.kind = ArtNode::Kind::text;
    for (const JsonView& child : view.at("children").items(64)) sheet.text += text(child, true).text;
    if (const std::string reason = refuse_css(sheet.text); !reason.empty()) view.at("children").fail(reason);
    if (!sheet.text.empty()) node.children.push_back(std::move(sheet));
  } else {
    node.children = elements(view.at("children"));
  }
  return node;
}

ArtNode ElementReader::component(const JsonView& view) {
  view.expect_object({"type", "name", "attributes", "animations"});
  ArtNode node;
  node.kind = ArtNode::Kind::component;
  node.name = view.at("name").string(64);
  if (!components_.contains(node.name)) view.at("name").fail("there is no component \"" + node.name + "\"");
  if (!view.has("attributes")) return node;
  for (auto& [name, value] : attributes(view.at("attributes"))) {
    const JsonView at = view.at("attributes").at(name);
    if (name == "x" || name == "y") {
      // DiceBear draws a reference as <use>, which x and y move; we draw a group, which they do not.
      const auto split = split_numbers(value.text, false);
      if (split.numbers.size() != 1 || !split.literals[0].empty() || !split.literals[1].empty())
        at.fail("must be a number");
      (name == "x" ? node.offset.x : node.offset.y) = split.numbers[0];
    } else if (name == "href" || name == "id") {
      at.fail("a component reference has no " + name);
    } else if (name != "width" && name != "height") {  // without effect on the <use> of a group
      if (name == "transform") node.transform = *parse_transform(value.text);
      node.attributes.emplace_back(name, std::move(value));
    }
  }
  return node;
}

ArtNode ElementReader::text(const JsonView& view, bool in_style) const {
  view.expect_object({"type", "value"});
  if (view.at("type").string(64) != "text") view.at("type").fail("only text may stand here");
  ArtNode node;
  node.kind = ArtNode::Kind::text;
  const JsonView value = view.at("value");
  if (value.json().is_object() && !in_style) {
    node.text = variable(value, {{"initial", ""}, {"initials", ""}});
    return node;
  }
  node.text = value.string(kMaxCss);
  const std::string reason = in_style ? refuse_css(node.text) : refuse_value("", node.text);
  if (!reason.empty()) value.fail(reason);
  return node;
}

ArtAttributes ElementReader::attributes(const JsonView& object, bool is_style_element) const {
  ArtAttributes attributes;
  object.each([&](const std::string& name, const JsonView& view) {
    if (!allowed_attribute(name)) view.fail("attribute \"" + name + "\" is not allowed");
    if (is_style_element && name == "href") view.fail("a style element has no href");
    attributes.emplace_back(name, value(name, view));
  });
  return attributes;
}

ArtValue ElementReader::value(const std::string& name, const JsonView& view) const {
  if (view.json().is_object()) {
    const std::string type = view.at("type").string(64);
    if (type == "variable" && name == "font-family") return {variable(view, {{"fontFamily", "sans-serif"}})};
    if (type == "variable" && name == "font-weight") return {variable(view, {{"fontWeight", "400"}})};
    if (type != "color" || !takes_color(name)) view.fail("attribute \"" + name + "\" must be a string");
    view.expect_object({"type", "name"});
    const std::string color = view.at("name").string(64);
    if (!palettes_.contains(color)) view.at("name").fail("there is no colour \"" + color + "\"");
    return {color, true};
  }
  const std::string text = view.string(name == "d" ? kMaxPath : name == "style" ? kMaxCss : kMaxValue);
  if (const std::string reason = refuse_value(name, text); !reason.empty()) view.fail(reason);
  if (name == "transform") {
    const auto matrix = parse_transform(text);
    if (!matrix) view.fail("is not an SVG transform: \"" + text + "\"");
    const bool sane = std::all_of(matrix->val, matrix->val + 9, [](double v) { return std::abs(v) <= kMaxScale; });
    if (!sane) view.fail("moves or scales beyond all pictures: \"" + text + "\"");
  }
  return {text};
}

}  // namespace swiftavatar
