#include "avatar/composer.h"

#include <algorithm>

#include "avatar/drawing_names.h"
#include "avatar/svg_text.h"
#include "base/sha256.h"

namespace swiftavatar {
namespace {

using Property = Drive::Property;

double identity(const Drive& drive) {
  return drive.property == Property::scale_x || drive.property == Property::scale_y ? 1 : 0;
}

// Linear on both sides of the default, where it is the identity.
double drive_value(const Drive& drive, const Slider& slider, double value) {
  const double rest = identity(drive);
  if (value < slider.value) return rest + (slider.value - value) / (slider.value - slider.min) * (drive.from - rest);
  if (value > slider.value) return rest + (value - slider.value) / (slider.max - slider.value) * (drive.to - rest);
  return rest;
}

// Stands for the document's hash until that is known. No text of a definition has such characters.
constexpr std::string_view kHashPlace = "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01";

// The name of an id or a class of the canvas in this drawing.
std::string in_drawing(const std::string& name) { return name + '-' + std::string(kHashPlace); }

std::string with_hash(std::string document) {
  const std::string hash = sha256_hex(document).substr(0, kHashPlace.size());
  for (size_t at = document.find(kHashPlace); at != std::string::npos; at = document.find(kHashPlace, at))
    document.replace(at, hash.size(), hash);
  return document;
}

bool has_references(const std::vector<ArtNode>& nodes) {
  return std::any_of(nodes.begin(), nodes.end(), [](const ArtNode& node) {
    return node.kind == ArtNode::Kind::component || has_references(node.children);
  });
}

}  // namespace

Composer::Composer(const Art& art, const std::map<std::string, Slider>& sliders, const Avatar& avatar)
    : art_(art), avatar_(avatar) {
  for (const auto& [name, slider] : sliders) {
    const double value = avatar.continuous.at(name);
    for (const Drive& drive : slider.drives) {
      const double driven = drive_value(drive, slider, value);
      if (driven != identity(drive)) forces_.push_back({&drive, driven});
    }
  }
}

std::string Composer::svg() {
  const std::string width = format_number(art_.width), height = format_number(art_.height);
  std::string document = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + width + ' ' + height +
                         "\" width=\"" + width + "\" height=\"" + height + '"';
  ArtAttributes root;
  for (const auto& attribute : art_.attributes) {
    const std::string& name = attribute.first;
    if (name != "viewBox" && name != "width" && name != "height" && name != "transform") root.push_back(attribute);
  }
  document += attributes(root, nullptr) + '>' + art_.metadata;
  const auto background = avatar_.colors.find("background");
  if (background != avatar_.colors.end()) {
    document += "<rect width=\"" + width + "\" height=\"" + height + "\" fill=\"" + background->second + "\"/>";
  }
  seen_.clear();
  placements_.clear();
  instances_ = 0;
  return with_hash(document + draw(art_.canvas, Frame{}) + "</svg>");
}

std::string Composer::draw(const std::vector<ArtNode>& nodes, const Frame& frame) {
  std::string drawn;
  for (const ArtNode& node : nodes) {
    switch (node.kind) {
      case ArtNode::Kind::element: drawn += draw_element(node, frame); break;
      case ArtNode::Kind::component: drawn += draw_component(node, frame); break;
      case ArtNode::Kind::text: drawn += escape_xml(node.text); break;
    }
  }
  return drawn;
}

std::string Composer::draw_element(const ArtNode& node, const Frame& frame) {
  Frame inner = frame;
  inner.matrix = frame.matrix * node.transform;
  const std::string children = node.name == "style" ? style(node, frame) : draw(node.children, inner);
  const std::string tag = node.name + attributes(node.attributes, frame.ids, frame.stroke);
  if (!children.empty()) return '<' + tag + '>' + children + "</" + node.name + '>';
  // A group whose optional components are all absent: nothing to draw, and a masked group without content has no
  // bounding box, which is an error to strict readers. One with an id stays, so that references to it resolve.
  const bool has_id = std::any_of(node.attributes.begin(), node.attributes.end(),
                                  [](const auto& attribute) { return attribute.first == "id"; });
  return node.children.empty() || has_id ? '<' + tag + "/>" : std::string();
}

std::optional<Composer::Reference> Composer::enter(const ArtNode& node, const Frame& frame) {
  const int instance = frame.on_canvas ? seen_[node.name]++ : -1;
  const std::string* variant = chosen(node.name);
  if (!variant) return std::nullopt;
  const ArtComponent& component = art_.components.at(art_.source(node.name));
  const cv::Point2d centre(component.width / 2, component.height / 2);
  Reference reference{component, component.variants.at(*variant), instance,
                      movement(node.name, instance, centre + node.offset), frame};
  reference.inner.on_canvas = false;
  reference.inner.matrix = frame.matrix * node.transform * reference.moved * art_.range(node.name).matrix *
                           translation(node.offset.x, node.offset.y);
  placements_.push_back({node.name, instance, reference.inner.matrix});
  return reference;
}

std::vector<ArtNode> Composer::shape(const std::string& name, const Reference& reference) const {
  std::vector<BlendStep> steps;
  for (const Force* force : forces_on(name, reference.instance)) {
    if (force->drive->property != Property::blend) continue;
    steps.push_back({force->value, &reference.component.variants.at(force->drive->blend_from).elements,
                     &reference.component.variants.at(force->drive->blend_to).elements});
  }
  return blend(reference.variant.elements, steps);
}

void Composer::place(const std::vector<ArtNode>& nodes, const Frame& frame) {
  for (const ArtNode& node : nodes) {
    if (node.kind == ArtNode::Kind::element) {
      Frame inner = frame;
      inner.matrix = frame.matrix * node.transform;
      place(node.children, inner);
    } else if (node.kind == ArtNode::Kind::component) {
      const auto reference = enter(node, frame);
      if (reference && has_references(reference->variant.elements))
        place(shape(node.name, *reference), reference->inner);
    }
  }
}

std::string Composer::draw_component(const ArtNode& node, const Frame& frame) {
  auto reference = enter(node, frame);
  if (!reference) return {};
  const cv::Matx33d& moved = reference->moved;
  const ArtTransform& range = art_.range(node.name);
  std::map<std::string, std::string> ids;
  if (frame.ids) ids = *frame.ids;
  if (!reference->variant.ids.empty()) {
    const std::string number = '-' + std::to_string(++instances_);
    for (const std::string& id : reference->variant.ids) ids[id] = in_drawing(id) + number;
  }
  Frame& inner = reference->inner;
  inner.ids = &ids;
  if (reference->component.keep_stroke) {
    const cv::Point2d factors = scale(node.name, reference->instance);
    inner.stroke /= (factors.x + factors.y) / 2;
  }
  const std::string body = draw(shape(node.name, *reference), inner);
  if (body.empty()) return {};

  ArtAttributes merged = node.attributes;
  std::string own = moved == cv::Matx33d::eye() ? "" : format_transform(moved);
  if (!range.text.empty()) own += (own.empty() ? "" : " ") + range.text;
  if (node.offset != cv::Point2d()) {
    own += (own.empty() ? "translate(" : " translate(") + format_number(node.offset.x) + ' ' +
           format_number(node.offset.y) + ')';
  }
  if (!own.empty()) {
    const auto transform =
        std::find_if(merged.begin(), merged.end(), [](const auto& a) { return a.first == "transform"; });
    if (transform == merged.end())
      merged.emplace_back("transform", ArtValue{own});
    else
      transform->second.text += ' ' + own;
  }
  return "<g" + attributes(merged, frame.ids, frame.stroke) + '>' + body + "</g>";
}

std::string Composer::attributes(const ArtAttributes& attributes, const std::map<std::string, std::string>* ids,
                                 double stroke) const {
  std::string text;
  for (const auto& [name, value] : attributes) {
    text += ' ' + name + "=\"";
    if (value.is_color) {
      text += avatar_.colors.at(value.text);
    } else if (name == "id") {
      text += unique_id(value.text, ids);
    } else if (name == "class") {
      text += escape_xml(rename_classes(value.text, in_drawing));
    } else if (stroke != 1 && name == "stroke-width") {
      SplitNumbers width = split_numbers(value.text, false);
      for (double& number : width.numbers) number *= stroke;
      text += escape_xml(join_numbers(width));
    } else {
      text +=
          escape_xml(rename_references(name, value.text, [&](const std::string& id) { return unique_id(id, ids); }));
    }
    text += '"';
  }
  return text;
}

cv::Matx33d Composer::movement(const std::string& name, int instance, const cv::Point2d& centre) const {
  double x = 0, y = 0, degrees = 0;
  for (const Force* force : forces_on(name, instance)) {
    const Property property = force->drive->property;
    if (property == Property::translate_x)
      x += force->value;
    else if (property == Property::translate_y)
      y += force->value;
    else if (property == Property::rotate)
      degrees += force->value;
  }
  const cv::Point2d factors = scale(name, instance);
  if (x == 0 && y == 0 && degrees == 0 && factors == cv::Point2d(1, 1)) return cv::Matx33d::eye();
  return translation(x, y) * about(centre, rotation(degrees) * scaling(factors.x, factors.y));
}

cv::Point2d Composer::scale(const std::string& name, int instance) const {
  cv::Point2d factors(1, 1);
  for (const Force* force : forces_on(name, instance)) {
    if (force->drive->property == Property::scale_x)
      factors.x *= force->value;
    else if (force->drive->property == Property::scale_y)
      factors.y *= force->value;
  }
  return factors;
}

std::vector<const Composer::Force*> Composer::forces_on(const std::string& name, int instance) const {
  std::vector<const Force*> forces;
  for (const Force& force : forces_) {
    const Drive& drive = *force.drive;
    if (drive.component == name && (drive.instance < 0 || drive.instance == instance)) forces.push_back(&force);
  }
  return forces;
}

const std::string* Composer::chosen(const std::string& name) const {
  const std::string& chooser = art_.chooser(name);
  const auto& choice = avatar_.discrete.at(chooser);
  if (!choice) return nullptr;
  if (const auto rule = art_.substitutes.find(chooser); rule != art_.substitutes.end()) {
    const auto& other = avatar_.discrete.at(rule->second.where);
    if (other && rule->second.shows.contains(*other)) {
      const auto instead = rule->second.draw.find(*choice);
      return instead == rule->second.draw.end() ? nullptr : &instead->second;
    }
  }
  return &*choice;
}

// No two are the same: with the hash at their end these are the canvas' own ids, with a number behind it an instance's.
std::string Composer::unique_id(const std::string& id, const std::map<std::string, std::string>* ids) const {
  if (ids) {
    if (const auto own = ids->find(id); own != ids->end()) return own->second;
  }
  return in_drawing(id);
}

std::string Composer::style(const ArtNode& node, const Frame& frame) const {
  std::string css;
  for (const ArtNode& text : node.children) css += text.text;
  return escape_xml(rename_selectors(
      css, [&](const std::string& id) { return unique_id(id, frame.ids); }, in_drawing));
}

std::map<int, cv::Point2d> Composer::anchors() {
  seen_.clear();
  placements_.clear();
  place(art_.canvas, Frame{});
  std::map<int, cv::Point2d> points;
  for (const auto& [index, anchor] : art_.anchors) {
    const auto is_anchor = [&anchor = anchor](const Placement& placement) {
      return placement.name == anchor.component && placement.instance == anchor.instance;
    };
    auto placement = std::find_if(placements_.begin(), placements_.end(), is_anchor);
    if (placement == placements_.end() && !seen_.contains(anchor.component)) {
      placement = std::find_if(placements_.begin(), placements_.end(),
                               [&anchor = anchor](const Placement& p) { return p.name == anchor.component; });
    }
    if (placement == placements_.end()) continue;
    const auto place_of = [&anchor = anchor](const std::string& variant) {
      const auto found = anchor.variants.find(variant);
      return found == anchor.variants.end() ? anchor.point : found->second;
    };
    const std::string& variant = *chosen(anchor.component);
    const auto& variants = art_.components.at(art_.source(anchor.component)).variants;
    cv::Point2d point = place_of(variant);
    for (const Force* force : forces_on(anchor.component, placement->instance)) {
      const Drive& drive = *force->drive;
      if (drive.property != Property::blend || place_of(drive.blend_to) == place_of(drive.blend_from)) continue;
      if (!structure_difference(variants.at(variant).elements, variants.at(drive.blend_from).elements).empty())
        continue;
      point += force->value * (place_of(drive.blend_to) - place_of(drive.blend_from));
    }
    points[index] = transform_point(placement->matrix, point);
  }
  return points;
}

}  // namespace swiftavatar
