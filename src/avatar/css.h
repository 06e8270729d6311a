#pragma once
// The subset of CSS that drawing programs write: rules for classes, ids and tags.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pugixml.hpp>

namespace swiftavatar {

/// property -> value, in the order in which they were written.
using Declarations = std::vector<std::pair<std::string, std::string>>;

/// "fill: red; stroke: none". Without !important.
Declarations parse_declarations(std::string_view text);

class StyleSheet {
 public:
  /// Adds the rules of a <style> element. Selectors may be `tag`, `.class`, `#id`, `tag.class` and `*`, with commas;
  /// rules of others are left out. Throws Failure(engine_invalid) for at-rules.
  void add(std::string_view css);

  /// The declarations that apply to a node: rules by weight, then its own `style`. Later entries win.
  Declarations of(const pugi::xml_node& node) const;

 private:
  struct Rule {
    std::string tag, class_name, id;
    Declarations declarations;
    int weight = 0;
  };
  std::vector<Rule> rules_;
};

}  // namespace swiftavatar
