#include "avatar/drawing_cost.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "avatar/css_effects.h"

namespace swiftavatar {
namespace {

constexpr double kBeyondAll = 1e12;  // products stay finite: infinity times zero would be below every limit

bool is_any(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

/// Elements that are drawn only where they are named.
bool is_hidden(std::string_view tag) {
  return is_any(
      tag, {"clipPath", "defs", "filter", "linearGradient", "marker", "mask", "pattern", "radialGradient", "symbol"});
}

/// Of an element where it is named.
double own_effects(std::string_view tag) {
  if (tag == "pattern") return kLayerCost;
  if (tag == "mask") return kMaskCost;
  if (is_any(tag, {"feDropShadow", "feGaussianBlur"})) return kBlurCost;
  if (is_any(tag, {"feFlood", "feOffset", "feTile"})) return kLayerCost;
  const bool is_step = tag.starts_with("fe") && !tag.starts_with("feFunc");
  return is_step || tag == "filter" ? kFilterCost : 0;  // the filter itself: colours into linear light and back
}

void add(DrawingCost& sum, const DrawingCost& cost, double times = 1) {
  const auto plus = [times](double& field, double more) { field = std::min(field + times * more, kBeyondAll); };
  plus(sum.elements, cost.elements);
  plus(sum.bytes, cost.bytes);
  plus(sum.effects, cost.effects);
  sum.depth = std::max(sum.depth, cost.depth);
}

void take_worse(DrawingCost& worst, const DrawingCost& cost) {
  worst = {std::max(worst.elements, cost.elements), std::max(worst.bytes, cost.bytes),
           std::max(worst.depth, cost.depth), std::max(worst.effects, cost.effects)};
}

/// The ids in href="#id" and url(#id).
std::vector<std::string> references(const std::string& attribute, const ArtValue& value) {
  std::vector<std::string> ids;
  if (value.is_color) return ids;
  const std::string& text = value.text;
  if (attribute == "href") return {text.substr(1)};
  for (size_t at = text.find("(#"); at != std::string::npos; at = text.find("(#", at + 1)) {
    ids.push_back(text.substr(at + 2, std::min(text.find(')', at), text.size()) - at - 2));
  }
  return ids;
}

[[noreturn]] void fail(const std::string& message) { throw Failure(ErrorCode::engine_invalid, message); }

/// "60,000"
std::string show_count(double number) {
  std::string digits = std::to_string(static_cast<long long>(number));
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

class CostMeter {
 public:
  explicit CostMeter(const Art& art) : art_(art) {
    collect(art.canvas, nullptr);
    for (const auto& [name, component] : art.components) {
      for (const auto& [variant, drawn] : component.variants) collect(drawn.elements, &drawn);
    }
  }

  DrawingCost of_avatar() {
    DrawingCost cost = of(art_.canvas, nullptr);
    add_attributes(cost, art_.attributes, nullptr, false);
    // Components that are not on the canvas must not draw themselves either.
    for (const auto& [name, unused] : art_.components) of_component(name);
    return cost;
  }

 private:
  using Scope = const ArtVariant*;  // whose ids are meant first; null: the canvas
  using Declared = std::vector<std::pair<const ArtNode*, Scope>>;

  // What ids stand for, and what style sheets may ask of any element.
  void collect(const std::vector<ArtNode>& nodes, Scope scope) {
    for (const ArtNode& node : nodes) {
      for (const auto& [name, value] : node.attributes) {
        if (name != "id") continue;
        declared_[{scope, value.text}].emplace_back(&node, scope);
        anywhere_[value.text].emplace_back(&node, scope);
      }
      if (node.kind == ArtNode::Kind::element && node.name == "style") {
        std::string css;
        for (const ArtNode& text : node.children) css += text.text;
        sheets_ |= css_effects(css);
      }
      collect(node.children, scope);
    }
  }

  DrawingCost of(const std::vector<ArtNode>& nodes, Scope scope) {
    DrawingCost sum;
    for (const ArtNode& node : nodes) {
      DrawingCost cost = of_node(node, scope);
      if (node.kind == ArtNode::Kind::element && is_hidden(node.name)) cost.effects = 0;
      add(sum, cost);
    }
    return sum;
  }

  DrawingCost of_node(const ArtNode& node, Scope scope) {
    if (++level_ > kMaxDrawnDepth) fail("/canvas: an avatar could nest elements deeper than 200 levels");
    DrawingCost cost = cost_of_node(node, scope);
    --level_;
    return cost;
  }

  DrawingCost cost_of_node(const ArtNode& node, Scope scope) {
    DrawingCost cost = node.kind == ArtNode::Kind::component ? of_component(node.name) : of(node.children, scope);
    cost.elements += 1;
    cost.depth += 1;
    cost.bytes += 16 + static_cast<double>(node.name.size() + node.text.size());
    if (node.kind == ArtNode::Kind::text) return cost;
    cost.effects += own_effects(node.name);
    if (is_any(node.name, {"text", "tspan"})) {
      for (const ArtNode& child : node.children) cost.effects += kLetterCost * static_cast<double>(child.text.size());
    }
    const bool is_shape = node.kind == ArtNode::Kind::element && node.name != "use" &&
                          std::all_of(node.children.begin(), node.children.end(),
                                      [](const ArtNode& child) { return child.kind == ArtNode::Kind::text; });
    add_attributes(cost, node.attributes, scope, is_shape);
    return cost;
  }

  void add_attributes(DrawingCost& cost, const ArtAttributes& attributes, Scope scope, bool is_shape) {
    CssEffects effects = sheets_;
    double corners = 2;  // at most
    for (const auto& [name, value] : attributes) {
      cost.bytes += 4 + static_cast<double>(name.size() + value.text.size());
      effects |= name == "style" ? css_effects(value.text) : css_effects(name, value.text);
      if (is_any(name, {"d", "points"})) corners += static_cast<double>(value.text.size());
    }
    if (effects.inherits)
      fail("/canvas: a mask, clip or filter may not be inherited; write it on each element that is meant");
    cost.effects += effects.cost();
    for (const auto& [name, value] : attributes) {
      const bool is_marker = name.starts_with("marker-");
      for (const std::string& id : references(name, value)) {
        const Declared& meant = declared(id, scope);
        // How many shapes take it from a group would have to be counted through every reference.
        const bool is_repeated = std::any_of(meant.begin(), meant.end(), [](const auto& target) {
          return is_any(target.first->name, {"marker", "pattern"});
        });
        if (is_repeated && !is_shape && (is_marker || is_any(name, {"fill", "stroke"}))) {
          fail("/canvas: the pattern or marker \"" + id + "\" is set on a group; write it on each shape that is meant");
        }
        DrawingCost named = of_reference(id, meant);
        named.depth += 1;
        add(cost, named, is_marker ? corners : 1);
      }
    }
  }

  // Of the costliest variant; fails where a component draws itself.
  DrawingCost of_component(const std::string& reference) {
    const std::string& name = art_.source(reference);
    if (const auto known = components_.find(name); known != components_.end()) return known->second;
    if (!open_components_.insert(name).second) fail("/components/" + name + ": the component draws itself");
    DrawingCost worst;
    for (const auto& [variant, drawn] : art_.components.at(name).variants)
      take_worse(worst, of(drawn.elements, &drawn));
    open_components_.erase(name);
    return components_[name] = worst;
  }

  // The variant's own elements by this id; where it has none, those of all that may draw it.
  const Declared& declared(const std::string& id, Scope scope) const {
    static const Declared none;
    if (const auto own = declared_.find({scope, id}); own != declared_.end()) return own->second;
    const auto any = scope ? anywhere_.find(id) : anywhere_.end();  // the canvas sees no variant's ids
    return any == anywhere_.end() ? none : any->second;
  }

  // Of the costliest of the elements that an id may stand for; fails where one of them draws itself.
  DrawingCost of_reference(const std::string& id, const Declared& meant) {
    if (const auto known = references_.find(&meant); known != references_.end()) return known->second;
    if (!open_references_.insert(&meant).second) fail("/canvas: the element with the id \"" + id + "\" draws itself");
    DrawingCost worst;
    for (const auto& [node, scope] : meant) take_worse(worst, of_node(*node, scope));
    open_references_.erase(&meant);
    return references_[&meant] = worst;
  }

  const Art& art_;
  CssEffects sheets_;
  std::map<std::pair<Scope, std::string>, Declared> declared_;
  std::map<std::string, Declared> anywhere_;
  std::map<std::string, DrawingCost> components_;
  std::map<const Declared*, DrawingCost> references_;
  std::set<std::string> open_components_;
  std::set<const Declared*> open_references_;
  int level_ = 0;
};

}  // namespace

DrawingCost drawing_cost(const Art& art) { return CostMeter(art).of_avatar(); }

void check_drawing_cost(const JsonView& root, const Art& art) {
  const DrawingCost cost = drawing_cost(art);
  const JsonView canvas = root.at("canvas");
  if (cost.elements > kMaxDrawnElements) canvas.fail("an avatar could draw more than 100,000 elements");
  if (cost.bytes > kMaxDrawnBytes) canvas.fail("an avatar could be a picture file of more than 64 MiB");
  if (cost.depth > kMaxDrawnDepth) canvas.fail("an avatar could nest elements deeper than 200 levels");
  if (cost.effects > kMaxEffects) {
    canvas.fail("an avatar's effects could cost " + show_count(cost.effects) +
                " (opacity or a clip 1, a mask 8, a blend mode " +
                "20, a filter and each of its steps 50, a blur 250, a letter a third); the limit is " +
                show_count(kMaxEffects));
  }
}

}  // namespace swiftavatar
