#pragma once
// The tree of a small XML document or fragment, for pictures that are imported. It reads no DTD and resolves no
// entities but the five of XML and character references.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swiftavatar/result.h"

namespace swiftavatar {

struct XmlNode {
  std::string name;  ///< empty: text
  std::string text;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<XmlNode> children;

  const std::string* attribute(std::string_view key) const;
};

/// The top-level nodes. Comments, processing instructions and a plain <!DOCTYPE> are passed over.
/// Throws Failure(engine_invalid) with what is wrong: not well-formed, deeper than 64 levels, more than 20,000
/// elements, a DOCTYPE with declarations, an unknown entity.
std::vector<XmlNode> parse_xml(std::string_view text);

}  // namespace swiftavatar
