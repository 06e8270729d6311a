#pragma once
// String literals of a JavaScript file, read as text. Nothing of the file is executed. The npm package facesjs has its
// drawings in this form alone.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace swiftavatar {

/// group -> key -> string, of object literals such as {hair: {short: "<path …>", "faux-hawk": '…'}}.
using StringTables = std::map<std::string, std::map<std::string, std::string>>;

/// Finds `group: {key: "string", …}` for each of the groups, wherever it stands in the text: keys are identifiers,
/// strings or numbers, values are "…", '…' or `…` without ${}. An object that has another kind of value, or a value
/// that is neither empty nor starts with "<", is not one of parts and is passed over. Of several by one name the
/// largest counts. Unreadable text (a string without an end) ends the search; what was found before it stays.
StringTables find_svg_tables(std::string_view script, const std::vector<std::string>& groups);

}  // namespace swiftavatar
