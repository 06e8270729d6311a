#include "avatar/xml_tree.h"

#include <charconv>
#include <string>

namespace swiftavatar {
namespace {

constexpr size_t kMaxDepth = 64, kMaxElements = 20'000;

[[noreturn]] void refuse(const std::string& reason) { throw Failure(ErrorCode::engine_invalid, reason); }

pugi::xml_document parse(std::string_view text, unsigned escapes) {
  constexpr unsigned kOptions =
      pugi::parse_cdata | pugi::parse_eol | pugi::parse_wconv_attribute | pugi::parse_fragment | pugi::parse_doctype;
  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size(), kOptions | escapes, pugi::encoding_utf8);
  if (!parsed) {
    refuse("is not well-formed: " + std::string(parsed.description()) + ", at byte " + std::to_string(parsed.offset));
  }
  return document;
}

bool is_character(std::string_view digits) {
  const bool is_hex = digits.starts_with('x');
  if (is_hex) digits.remove_prefix(1);
  unsigned code = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, code, is_hex ? 16 : 10);
  if (error != std::errc() || end != last) return false;
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0x110000 && !is_surrogate);
}

// The parser leaves what it does not know as it stands.
void check_references(std::string_view text) {
  for (size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    const size_t end = text.find(';', at);
    const std::string_view name = end == std::string_view::npos ? "" : text.substr(at + 1, end - at - 1);
    if (name.starts_with('#')) {
      if (!is_character(name.substr(1))) refuse("has a malformed character reference");
    } else if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "apos") {
      refuse("uses the entity &" + std::string(name.substr(0, 20)) + "; that XML lacks");
    }
  }
}

void check(const pugi::xml_node& parent, size_t depth, size_t& count) {
  if (depth > kMaxDepth) refuse("nests elements deeper than 64 levels");
  for (const pugi::xml_node& node : parent.children()) {
    if (node.type() == pugi::node_pcdata) check_references(node.value());
    if (node.type() == pugi::node_doctype && std::string_view(node.value()).find('[') != std::string_view::npos)
      refuse("declares entities of its own");
    if (node.type() != pugi::node_element) continue;
    if (++count > kMaxElements) refuse("has more than 20,000 elements");
    for (const pugi::xml_attribute& attribute : node.attributes()) check_references(attribute.value());
    check(node, depth + 1, count);
  }
}

}  // namespace

pugi::xml_document parse_xml(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) refuse("is not well-formed: it has a zero byte");
  size_t count = 0;
  check(parse(text, 0), 0, count);
  return parse(text, pugi::parse_escapes);
}

}  // namespace swiftavatar
