#pragma once
// Small XML documents and fragments, for pictures that are imported.

#include <string_view>

#include <pugixml.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// The tree of a UTF-8 document, or of a fragment with any number of top-level nodes. Comments, processing instructions
/// and text of white space alone are left out; no entity is resolved but the five of XML and character references.
/// Throws Failure(engine_invalid) with what is wrong: not well-formed, deeper than 64 levels, more than 20,000
/// elements, a DOCTYPE with declarations, an unknown entity.
pugi::xml_document parse_xml(std::string_view text);

}  // namespace swiftavatar
