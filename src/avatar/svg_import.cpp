#include "avatar/svg_import.h"

#include <algorithm>
#include <set>
#include <vector>

#include "avatar/css.h"
#include "avatar/drawing_names.h"
#include "avatar/svg_allow_list.h"
#include "avatar/svg_text.h"
#include "avatar/xml_tree.h"
#include "swiftavatar/avatar.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& reason) { throw Failure(ErrorCode::engine_invalid, reason); }

// Elements that do not change the picture.
bool is_editor_data(const std::string& element) {
  return element == "title" || element == "desc" || element == "metadata" || element == "style" ||
         element.find(':') != std::string::npos;
}

// Properties that stay CSS: faces.js keeps the apparent width of strokes that are attributes, and scales those that are
// styles; blend modes are no attributes at all.
bool stays_style(const std::string& property) {
  return property == "stroke-width" || property == "mix-blend-mode" || property == "isolation";
}

class Importer {
 public:
  explicit Importer(const Placeholders& placeholders) : placeholders_(placeholders) {}

  ImportedSvg run(const std::string& svg) {
    const pugi::xml_document document = parse_xml(svg);
    collect_styles(document);
    pugi::xml_node root = document.child("svg");
    if (!root) root = document.root();
    for (const pugi::xml_node& node : root.children()) collect_references(node);
    ImportedSvg result;
    result.elements = convert(root, /*shades=*/false);
    result.shades = convert(root, /*shades=*/true);
    return result;
  }

 private:
  void collect_styles(const pugi::xml_node& node) {
    if (std::string_view(node.name()) == "style") {
      std::string css;
      for (const pugi::xml_node& child : node.children()) css += child.value();
      sheet_.add(css);
    }
    for (const pugi::xml_node& child : node.children()) collect_styles(child);
  }

  void collect_references(const pugi::xml_node& node) {
    for (const auto& [name, value] : attributes(node)) {
      rename_references(name, value, [this](const std::string& id) {
        return ids_.emplace(id, "r" + std::to_string(ids_.size())).first->second;
      });
    }
    for (const pugi::xml_node& child : node.children()) collect_references(child);
  }

  // Effective attributes, styles included: name -> value; `style` has the properties that stay CSS.
  Declarations attributes(const pugi::xml_node& node) const {
    Declarations result;
    const auto set = [&result](const std::string& name, const std::string& value) {
      const auto found =
          std::find_if(result.begin(), result.end(), [&](const auto& entry) { return entry.first == name; });
      if (found == result.end())
        result.emplace_back(name, value);
      else
        found->second = value;
    };
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      const std::string key = attribute.name(), name = key == "xlink:href" ? "href" : key;
      if (name.starts_with("on")) refuse("has an event handler (" + name + ")");
      if (name == "class" || name == "style" || !allowed_attribute(name)) continue;
      set(name, attribute.value());
    }
    std::map<std::string, std::string> css;
    for (const auto& [property, value] : sheet_.of(node)) {
      if (stays_style(property))
        css[property] = value;
      else if (allowed_attribute(property) && property != "href" && property != "id" && property != "d")
        set(property, value);
    }
    std::string style;
    for (const auto& [property, value] : css) style += (style.empty() ? "" : ";") + property + ":" + value;
    if (!style.empty()) set("style", style);
    return result;
  }

  // The colour of a placeholder; nullptr where the value is none.
  const std::string* placeholder(const std::string& value) const {
    const auto found = placeholders_.find(value);
    return found == placeholders_.end() ? nullptr : &found->second;
  }

  bool is_shade(const Declarations& attributes) const {
    return std::any_of(attributes.begin(), attributes.end(), [&](const auto& entry) {
      const std::string* color = placeholder(entry.second);
      return color && color->empty();
    });
  }

  ordered_json convert(const pugi::xml_node& parent, bool shades) const {
    ordered_json list = ordered_json::array();
    for (const pugi::xml_node& node : parent.children()) {
      const std::string tag = node.name();
      if (tag.empty() || is_editor_data(tag)) continue;  // no part draws text
      if (!allowed_element(tag)) refuse("has <" + tag + ">, which is not allowed");
      const Declarations given = attributes(node);
      const bool is_definition = tag == "defs" || tag.ends_with("Gradient");
      const auto inside = node.children();
      const bool is_leaf = std::all_of(inside.begin(), inside.end(), [](const pugi::xml_node& child) {
        return child.type() != pugi::node_element || is_editor_data(child.name());
      });
      if (!is_definition && is_leaf && is_shade(given) != shades) continue;
      ordered_json element{{"type", "element"}, {"name", tag}};
      ordered_json converted = ordered_json::object();
      for (const auto& [name, value] : given) add_attribute(name, value, converted);
      if (!converted.empty()) element["attributes"] = std::move(converted);
      ordered_json children = convert(node, is_definition ? false : shades);
      if (children.empty() && !is_leaf && !is_definition) continue;
      if (!children.empty()) element["children"] = std::move(children);
      list.push_back(std::move(element));
    }
    // Paint servers alone draw nothing.
    const bool draws = std::any_of(list.begin(), list.end(), [](const ordered_json& element) {
      return element["name"] != "defs" && !element["name"].get<std::string>().ends_with("Gradient");
    });
    return draws || !shades ? list : ordered_json::array();
  }

  void add_attribute(const std::string& name, const std::string& given, ordered_json& converted) const {
    if (name == "id") {
      if (const auto found = ids_.find(given); found != ids_.end()) converted["id"] = found->second;
      return;
    }
    if (const std::string* color = placeholder(given)) {
      if (!takes_color(name)) refuse("has " + given + " in " + name + ", which takes no colour");
      if (color->empty())
        converted[name] = "#000000";
      else
        converted[name] = {{"type", "color"}, {"name", *color}};
      return;
    }
    if (given.find("$[") != std::string::npos) refuse("has an unknown placeholder: " + given.substr(0, 40));
    std::string value = rename_references(name, given, [this](const std::string& id) { return ids_.at(id); });
    for (char& c : value) {
      if (static_cast<unsigned char>(c) >= 0x80) refuse(name + " has characters beyond ASCII");
      if (c == '\n' || c == '\t' || c == '\r') c = ' ';
    }
    if (const std::string reason = refuse_value(name, value); !reason.empty()) refuse(name + " " + reason);
    converted[name] = value;
  }

  const Placeholders& placeholders_;
  StyleSheet sheet_;
  std::map<std::string, std::string> ids_;  // of the file -> ours, those that are referred to
};

std::string to_svg(const ordered_json& elements) {
  std::string text;
  for (const ordered_json& element : elements) {
    const std::string name = element["name"].get<std::string>();
    text += '<' + name;
    if (element.contains("attributes")) {
      for (const auto& [key, value] : element["attributes"].items()) {
        text += ' ' + key + "=\"" + (value.is_string() ? escape_xml(value.get<std::string>()) : "#000000") + '"';
      }
    }
    text += '>' + (element.contains("children") ? to_svg(element["children"]) : "") + "</" + name + '>';
  }
  return text;
}

// What getBBox() says of a group with these elements.
cv::Rect2d measure(const std::string& body) {
  if (body.empty()) return {};
  // Room around the canvas, so that nothing is cut off.
  constexpr double kRoom = 1000;
  const std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"2400\" height=\"2600\""
      " viewBox=\"-1000 -1000 2400 2600\"><g id=\"part\">" +
      body + "</g></svg>";
  const auto measured = shared_drawer().measure(svg, "part", cv::Size(2400, 2600));
  if (!measured.ok()) refuse("cannot be drawn: " + measured.error().message);
  const cv::Rect2d& box = measured.value();
  return {box.x - kRoom, box.y - kRoom, box.width, box.height};
}

}  // namespace

ImportedSvg import_svg(const std::string& svg, const Placeholders& placeholders) {
  ImportedSvg result = Importer(placeholders).run(svg);
  result.box = measure(to_svg(result.elements) + to_svg(result.shades));
  return result;
}

}  // namespace swiftavatar
