#include "avatar/drawing_cost.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace swiftavatar {
namespace {

constexpr double kBeyondAll = 1e12;  // products stay finite: infinity times zero would be below every limit

void add(DrawingCost& sum, const DrawingCost& cost) {
  const auto plus = [](double& field, double more) { field = std::min(field + more, kBeyondAll); };
  plus(sum.elements, cost.elements);
  plus(sum.bytes, cost.bytes);
  sum.depth = std::max(sum.depth, cost.depth);
}

void take_worse(DrawingCost& worst, const DrawingCost& cost) {
  worst = {std::max(worst.elements, cost.elements), std::max(worst.bytes, cost.bytes),
           std::max(worst.depth, cost.depth)};
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
    add_attributes(cost, art_.attributes, nullptr);
    // Components that are not on the canvas must not draw themselves either.
    for (const auto& [name, unused] : art_.components) of_component(name);
    return cost;
  }

 private:
  using Scope = const ArtVariant*;  // whose ids are meant first; null: the canvas
  using Declared = std::vector<std::pair<const ArtNode*, Scope>>;

  // What ids stand for.
  void collect(const std::vector<ArtNode>& nodes, Scope scope) {
    for (const ArtNode& node : nodes) {
      for (const auto& [name, value] : node.attributes) {
        if (name != "id") continue;
        declared_[{scope, value.text}].emplace_back(&node, scope);
        anywhere_[value.text].emplace_back(&node, scope);
      }
      collect(node.children, scope);
    }
  }

  DrawingCost of(const std::vector<ArtNode>& nodes, Scope scope) {
    DrawingCost sum;
    for (const ArtNode& node : nodes) add(sum, of_node(node, scope));
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
    add_attributes(cost, node.attributes, scope);
    return cost;
  }

  void add_attributes(DrawingCost& cost, const ArtAttributes& attributes, Scope scope) {
    for (const auto& [name, value] : attributes) {
      cost.bytes += 4 + static_cast<double>(name.size() + value.text.size());
      for (const std::string& id : references(name, value)) {
        DrawingCost named = of_reference(id, declared(id, scope));
        named.depth += 1;
        add(cost, named);
      }
    }
  }

  // Of the largest variant; fails where a component draws itself.
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

  // Of the largest of the elements that an id may stand for; fails where one of them draws itself.
  DrawingCost of_reference(const std::string& id, const Declared& meant) {
    if (const auto known = references_.find(&meant); known != references_.end()) return known->second;
    if (!open_references_.insert(&meant).second) fail("/canvas: the element with the id \"" + id + "\" draws itself");
    DrawingCost worst;
    for (const auto& [node, scope] : meant) take_worse(worst, of_node(*node, scope));
    open_references_.erase(&meant);
    return references_[&meant] = worst;
  }

  const Art& art_;
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
}

}  // namespace swiftavatar
