#pragma once
// The drawable form of a definition: what the reader (definition_reader.h) makes of the JSON file and the composer
// (composer.h) draws. Everything in it has been checked.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <opencv2/core.hpp>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

/// An attribute's value: literal text, or the name of a colour of the definition.
struct ArtValue {
  std::string text;
  bool is_color = false;
};

using ArtAttributes = std::vector<std::pair<std::string, ArtValue>>;

/// One node of an element tree.
struct ArtNode {
  enum class Kind { element, text, component };
  Kind kind = Kind::element;
  std::string name;                            ///< tag, or the component's (or alias's) name
  std::string text;                            ///< of a text node
  ArtAttributes attributes;                    ///< in file order
  cv::Matx33d transform = cv::Matx33d::eye();  ///< of the `transform` attribute
  cv::Point2d offset;                          ///< x and y of a component reference: the innermost move
  std::vector<ArtNode> children;
};

struct ArtVariant {
  std::vector<ArtNode> elements;
  std::vector<std::string> ids;  ///< declared in `elements`; made unique for each drawn instance
};

/// An SVG transform list and its matrix; the identity has no text.
struct ArtTransform {
  std::string text;
  cv::Matx33d matrix = cv::Matx33d::eye();
};

/// A component that is no alias.
struct ArtComponent {
  double width = 0, height = 0;
  double probability = 100;
  bool keep_stroke = false;  ///< drives do not scale its stroke-width attributes
  std::map<std::string, ArtVariant> variants;
};

struct ArtAnchor {
  std::string component;
  int instance = 0;
  cv::Point2d point;                            ///< in the component's coordinates
  std::map<std::string, cv::Point2d> variants;  ///< other places for single variants
};

/// Where `where` shows one of `shows`, a component is drawn as `draw` says, and not at all where it says nothing.
struct ArtSubstitute {
  std::string where;
  std::set<std::string> shows;
  std::map<std::string, std::string> draw;  ///< chosen variant -> drawn one
};

/// DiceBear's rules for picking default colours.
struct ArtColorRule {
  std::string name;
  std::vector<std::string> not_equal_to;
  std::string contrast_to;  ///< empty: none
};

struct Art {
  double width = 0, height = 0;
  ArtAttributes attributes;  ///< of the root element
  std::string metadata;      ///< <metadata> element with the credit, or empty
  std::vector<ArtNode> canvas;
  std::map<std::string, ArtComponent> components;
  std::map<std::string, std::string> aliases;        ///< alias -> its source
  std::map<std::string, ArtTransform> ranges;        ///< component or alias -> its own translate, rotate and scale
  std::map<std::string, std::string> tied;           ///< component -> the component whose choice it follows
  std::map<std::string, ArtSubstitute> substitutes;  ///< by component
  std::vector<ArtColorRule> color_rules;             ///< in file order
  std::map<int, ArtAnchor> anchors;

  /// The own transform of references by this name.
  const ArtTransform& range(const std::string& name) const {
    static const ArtTransform identity;
    const auto found = ranges.find(name);
    return found == ranges.end() ? identity : found->second;
  }

  /// The name itself, or the source of an alias.
  const std::string& source(const std::string& name) const {
    const auto found = aliases.find(name);
    return found == aliases.end() ? name : found->second;
  }

  /// The component in whose name the avatar chooses what a reference by this name shows.
  const std::string& chooser(const std::string& name) const {
    const auto found = tied.find(source(name));
    return found == tied.end() ? source(name) : found->second;
  }
};

}  // namespace swiftavatar
