#include "avatar/blend.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "avatar/svg_text.h"

namespace swiftavatar {
namespace {

constexpr auto kBlended =
    std::to_array<std::string_view>({"cx", "cy", "d", "height", "opacity", "points", "r", "rx", "ry", "stroke-width",
                                     "transform", "width", "x", "x1", "x2", "y", "y1", "y2"});

bool is_blended(const std::string& attribute) {
  return std::find(kBlended.begin(), kBlended.end(), attribute) != kBlended.end();
}

const std::string* find_attribute(const ArtNode& node, const std::string& name) {
  for (const auto& [key, value] : node.attributes) {
    if (key == name) return &value.text;
  }
  return nullptr;
}

SplitNumbers split(const std::string& name, const std::string& value) { return split_numbers(value, name == "d"); }

std::string describe(const ArtNode& node) {
  switch (node.kind) {
    case ArtNode::Kind::text: return "text";
    case ArtNode::Kind::component: return "component " + node.name;
    default: return "<" + node.name + ">";
  }
}

// Adds amount * (to - from) to the numbers of `node`; the three have one structure.
void move(ArtNode& node, const ArtNode& from, const ArtNode& to, double amount) {
  for (auto& [name, value] : node.attributes) {
    if (!is_blended(name)) continue;
    SplitNumbers numbers = split(name, value.text);
    const SplitNumbers a = split(name, *find_attribute(from, name)), b = split(name, *find_attribute(to, name));
    for (size_t i = 0; i < numbers.numbers.size(); ++i) numbers.numbers[i] += amount * (b.numbers[i] - a.numbers[i]);
    value.text = join_numbers(numbers);
    if (name == "transform") node.transform = *parse_transform(value.text);
  }
  node.offset += amount * (to.offset - from.offset);
  for (size_t i = 0; i < node.children.size(); ++i) move(node.children[i], from.children[i], to.children[i], amount);
}

}  // namespace

std::string structure_difference(const std::vector<ArtNode>& a, const std::vector<ArtNode>& b) {
  if (a.size() != b.size()) {
    return std::to_string(a.size()) + " elements against " + std::to_string(b.size());
  }
  for (size_t i = 0; i < a.size(); ++i) {
    const std::string one = describe(a[i]), other = describe(b[i]);
    if (one != other) return one + " against " + other;
    size_t count_a = 0, count_b = 0;
    for (const auto& [name, value] : b[i].attributes) count_b += is_blended(name);
    for (const auto& [name, value] : a[i].attributes) {
      if (!is_blended(name)) continue;
      ++count_a;
      const std::string* twin = find_attribute(b[i], name);
      if (!twin) return one + " has " + name + " in one of them only";
      if (split(name, value.text).literals != split(name, *twin).literals) {
        return name + " of " + one + " has other commands or another count of numbers";
      }
    }
    if (count_a != count_b) return one + " has other attributes";
    if (std::string below = structure_difference(a[i].children, b[i].children); !below.empty()) return below;
  }
  return {};
}

std::vector<ArtNode> blend(std::vector<ArtNode> shape, const std::vector<BlendStep>& steps) {
  for (const BlendStep& step : steps) {
    if (step.amount == 0 || !structure_difference(shape, *step.from).empty()) continue;
    for (size_t i = 0; i < shape.size(); ++i) move(shape[i], (*step.from)[i], (*step.to)[i], step.amount);
  }
  return shape;
}

}  // namespace swiftavatar
