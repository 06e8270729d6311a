#include "avatar/xml_tree.h"

#include <charconv>

namespace swiftavatar {
namespace {

constexpr size_t kMaxDepth = 64, kMaxElements = 20'000;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool ends_name(char c) { return is_space(c) || c == '/' || c == '>' || c == '=' || c == '<' || c == '"' || c == '\''; }

[[noreturn]] void refuse(const std::string& reason) { throw Failure(ErrorCode::engine_invalid, reason); }

class XmlParser {
 public:
  explicit XmlParser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  std::vector<XmlNode> document() {
    std::vector<XmlNode> nodes = content(0);
    if (at_ < text_.size()) refuse("is not well-formed: </ closes nothing");
    return nodes;
  }

 private:
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void skip_to(std::string_view end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) refuse("is not well-formed: \"" + std::string(end) + "\" is missing");
    at_ = found + end.size();
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  // Until the end or a closing tag.
  std::vector<XmlNode> content(size_t depth) {
    if (depth > kMaxDepth) refuse("nests elements deeper than 64 levels");
    std::vector<XmlNode> nodes;
    while (at_ < text_.size() && !starts("</")) {
      if (starts("<!--")) {
        skip_to("-->");
      } else if (starts("<?")) {
        skip_to("?>");
      } else if (starts("<![CDATA[")) {
        const size_t start = at_ + 9;
        skip_to("]]>");
        nodes.push_back({"", std::string(text_.substr(start, at_ - 3 - start)), {}, {}});
      } else if (starts("<!")) {
        const size_t start = at_;
        skip_to(">");
        if (text_.substr(start, at_ - start).find('[') != std::string_view::npos)
          refuse("declares entities of its own");
      } else if (starts("<")) {
        nodes.push_back(element(depth));
      } else {
        const size_t start = at_;
        at_ = std::min(text_.find('<', at_), text_.size());
        nodes.push_back({"", unescape(text_.substr(start, at_ - start)), {}, {}});
      }
    }
    return nodes;
  }

  XmlNode element(size_t depth) {
    if (++count_ > kMaxElements) refuse("has more than 20,000 elements");
    ++at_;
    XmlNode node;
    node.name = name();
    for (skip_space(); at_ < text_.size() && text_[at_] != '>' && text_[at_] != '/'; skip_space()) {
      std::string key = name();
      skip_space();
      if (!starts("=")) refuse("is not well-formed: attribute " + key + " has no value");
      ++at_;
      skip_space();
      if (!starts("\"") && !starts("'")) refuse("is not well-formed: the value of " + key + " has no quotes");
      const char quote = text_[at_++];
      const size_t end = text_.find(quote, at_);
      if (end == std::string_view::npos) refuse("is not well-formed: the value of " + key + " does not end");
      node.attributes.emplace_back(std::move(key), unescape(text_.substr(at_, end - at_)));
      at_ = end + 1;
    }
    if (starts("/>")) {
      at_ += 2;
      return node;
    }
    if (!starts(">")) refuse("is not well-formed: <" + node.name + " does not end");
    ++at_;
    node.children = content(depth + 1);
    if (!starts("</" + node.name)) refuse("is not well-formed: <" + node.name + "> is not closed");
    at_ += 2 + node.name.size();
    skip_space();
    if (!starts(">")) refuse("is not well-formed: <" + node.name + "> is not closed");
    ++at_;
    return node;
  }

  std::string name() {
    const size_t start = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    if (at_ == start) refuse("is not well-formed: a name is missing");
    return std::string(text_.substr(start, at_ - start));
  }

  static std::string unescape(std::string_view text) {
    std::string result;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '&') {
        result += text[i];
        continue;
      }
      const size_t end = text.find(';', i);
      const std::string_view entity = end == std::string_view::npos ? "" : text.substr(i + 1, end - i - 1);
      if (entity == "amp")
        result += '&';
      else if (entity == "lt")
        result += '<';
      else if (entity == "gt")
        result += '>';
      else if (entity == "quot")
        result += '"';
      else if (entity == "apos")
        result += '\'';
      else if (entity.starts_with('#'))
        result += character(entity.substr(1));
      else
        refuse("uses the entity &" + std::string(entity.substr(0, 20)) + "; that XML lacks");
      i = end;
    }
    return result;
  }

  // ASCII only: nothing that is drawn needs more.
  static char character(std::string_view digits) {
    const bool is_hex = digits.starts_with('x');
    if (is_hex) digits.remove_prefix(1);
    unsigned code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
    if (error != std::errc() || end != digits.data() + digits.size()) refuse("has a malformed character reference");
    return code >= 0x20 && code < 0x7f ? static_cast<char>(code) : ' ';
  }

  std::string_view text_;
  size_t at_ = 0, count_ = 0;
};

}  // namespace

const std::string* XmlNode::attribute(std::string_view key) const {
  for (const auto& [name, value] : attributes) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::vector<XmlNode> parse_xml(std::string_view text) { return XmlParser(text).document(); }

}  // namespace swiftavatar
