#include "avatar/css.h"

#include <algorithm>

#include "avatar/css_text.h"
#include "swiftavatar/result.h"

namespace swiftavatar {
namespace {

constexpr size_t kMaxRules = 500;
std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(mark, at), text.size());
    pieces.push_back(trim_css(text.substr(at, end - at)));
    at = end + 1;
  }
  return pieces;
}

bool has_class(const pugi::xml_node& node, const std::string& name) {
  const auto classes = split(node.attribute("class").value(), ' ');
  return std::find(classes.begin(), classes.end(), name) != classes.end();
}

}  // namespace

Declarations parse_declarations(std::string_view text) {
  Declarations declarations;
  for (std::string_view piece : split(text, ';')) {
    const size_t colon = piece.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view value = trim_css(piece.substr(colon + 1));
    if (const size_t mark = value.find("!important"); mark != std::string_view::npos)
      value = trim_css(value.substr(0, mark));
    if (!value.empty()) declarations.emplace_back(trim_css(piece.substr(0, colon)), value);
  }
  return declarations;
}

void StyleSheet::add(std::string_view css) {
  const std::string text = without_css_comments(css);
  if (text.find('@') != std::string::npos) throw Failure(ErrorCode::engine_invalid, "has at-rules (@…) in its styles");
  for (size_t at = 0; at < text.size();) {
    const size_t open = css_statement_end(text, at);
    const size_t close = text.find('}', open);
    if (close == std::string::npos) break;
    if (text[open] != '{') {
      at = open + 1;
      continue;
    }
    const Declarations declarations = parse_declarations(std::string_view(text).substr(open + 1, close - open - 1));
    for (const std::string_view selector : split(std::string_view(text).substr(at, open - at), ',')) {
      if (selector.empty() || selector.find_first_of(" >+~:[") != std::string_view::npos) continue;
      Rule rule;
      const size_t mark = std::min(selector.find_first_of(".#"), selector.size());
      rule.tag = selector.substr(0, mark);
      if (rule.tag == "*") rule.tag.clear();
      if (mark < selector.size()) (selector[mark] == '.' ? rule.class_name : rule.id) = selector.substr(mark + 1);
      if (rule.class_name.find_first_of(".#") != std::string::npos || rule.id.find_first_of(".#") != std::string::npos)
        continue;
      rule.weight = (rule.id.empty() ? 0 : 100) + (rule.class_name.empty() ? 0 : 10) + (rule.tag.empty() ? 0 : 1);
      rule.declarations = declarations;
      rules_.push_back(std::move(rule));
      if (rules_.size() > kMaxRules) throw Failure(ErrorCode::engine_invalid, "has more than 500 rules in its styles");
    }
    at = close + 1;
  }
  std::stable_sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) { return a.weight < b.weight; });
}

Declarations StyleSheet::of(const pugi::xml_node& node) const {
  Declarations result;
  const std::string_view tag = node.name(), id = node.attribute("id").value();
  for (const Rule& rule : rules_) {
    if (!rule.tag.empty() && rule.tag != tag) continue;
    if (!rule.class_name.empty() && !has_class(node, rule.class_name)) continue;
    if (!rule.id.empty() && id != rule.id) continue;
    result.insert(result.end(), rule.declarations.begin(), rule.declarations.end());
  }
  const Declarations own = parse_declarations(node.attribute("style").value());
  result.insert(result.end(), own.begin(), own.end());
  return result;
}

}  // namespace swiftavatar
