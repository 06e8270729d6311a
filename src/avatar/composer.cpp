#include "avatar/composer.h"

#include <algorithm>

#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

double identity(const Drive& drive) { return drive.property == "scaleX" || drive.property == "scaleY" ? 1 : 0; }

// Linear on both sides of the default, where it is the identity.
double drive_value(const Drive& drive, const Slider& slider, double value) {
  const double rest = identity(drive);
  if (value < slider.value) return rest + (slider.value - value) / (slider.value - slider.min) * (drive.from - rest);
  if (value > slider.value) return rest + (value - slider.value) / (slider.max - slider.value) * (drive.to - rest);
  return rest;
}

// Replaces the ids in href="#id" and url(#id) that the instance declares itself; others mean elements of the canvas.
// (A bare "#abc" in any other attribute is a colour.)
std::string rename_references(const std::string& name, const std::string& value,
                              const std::map<std::string, std::string>& ids) {
  std::string renamed;
  size_t done = 0;
  for (size_t at = value.find('#'); at != std::string::npos; at = value.find('#', at + 1)) {
    const bool is_reference = name == "href" ? at == 0 : at > 0 && value[at - 1] == '(';
    const size_t end = std::min(value.find(')', at), value.size());
    const auto found = is_reference ? ids.find(value.substr(at + 1, end - at - 1)) : ids.end();
    if (found == ids.end()) continue;
    renamed += value.substr(done, at + 1 - done) + found->second;
    done = end;
  }
  return renamed + value.substr(done);
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
  return document + draw(art_.canvas, Frame{}) + "</svg>";
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
  const std::string children = draw(node.children, inner);
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
    if (force->drive->property != "blend") continue;
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
    const std::string suffix = unique_suffix();
    for (const std::string& id : reference->variant.ids) ids[id] = id + suffix;
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
    } else if (ids && name == "id") {
      const auto renamed = ids->find(value.text);
      text += renamed == ids->end() ? value.text : renamed->second;
    } else if (stroke != 1 && name == "stroke-width") {
      SplitNumbers width = split_numbers(value.text, false);
      for (double& number : width.numbers) number *= stroke;
      text += escape_xml(join_numbers(width));
    } else {
      text += escape_xml(ids ? rename_references(name, value.text, *ids) : value.text);
    }
    text += '"';
  }
  return text;
}

cv::Matx33d Composer::movement(const std::string& name, int instance, const cv::Point2d& centre) const {
  double x = 0, y = 0, degrees = 0;
  for (const Force* force : forces_on(name, instance)) {
    const std::string& property = force->drive->property;
    if (property == "translateX")
      x += force->value;
    else if (property == "translateY")
      y += force->value;
    else if (property == "rotate")
      degrees += force->value;
  }
  const cv::Point2d factors = scale(name, instance);
  if (x == 0 && y == 0 && degrees == 0 && factors == cv::Point2d(1, 1)) return cv::Matx33d::eye();
  return translation(x, y) * about(centre, rotation(degrees) * scaling(factors.x, factors.y));
}

cv::Point2d Composer::scale(const std::string& name, int instance) const {
  cv::Point2d factors(1, 1);
  for (const Force* force : forces_on(name, instance)) {
    if (force->drive->property == "scaleX")
      factors.x *= force->value;
    else if (force->drive->property == "scaleY")
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

// No two instances share it, and ids of the file cannot end like it (the reader refuses them).
std::string Composer::unique_suffix() { return ".i" + std::to_string(++instances_); }

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
      if (drive.property != "blend" || place_of(drive.blend_to) == place_of(drive.blend_from)) continue;
      if (!structure_difference(variants.at(variant).elements, variants.at(drive.blend_from).elements).empty())
        continue;
      point += force->value * (place_of(drive.blend_to) - place_of(drive.blend_from));
    }
    points[index] = transform_point(placement->matrix, point);
  }
  return points;
}

}  // namespace swiftavatar
