#include "avatar/css_text.h"

#include <algorithm>

namespace swiftavatar {

std::string_view trim_css(std::string_view text) {
  const size_t start = text.find_first_not_of(kCssSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kCssSpace) - start + 1);
}

size_t after_css_opaque(std::string_view css, size_t at) {
  if (css.substr(at).starts_with("/*")) {
    const size_t end = css.find("*/", at + 2);
    return end == std::string_view::npos ? css.size() : end + 2;
  }
  if (css[at] != '"' && css[at] != '\'') return at;
  const char ends[] = {css[at], '\n'};  // the end of a line ends a broken string
  return std::min(css.find_first_of(std::string_view(ends, 2), at + 1), css.size() - 1) + 1;
}

size_t css_statement_end(std::string_view css, size_t at) {
  while ((at = std::min(css.find_first_of("\"'/;{}", at), css.size())) < css.size()) {
    const size_t end = after_css_opaque(css, at);
    if (end == at && css[at] != '/') break;
    at = std::max(end, at + 1);
  }
  return at;
}

std::string without_css_comments(std::string_view css) {
  std::string text;
  for (size_t at = 0; at < css.size();) {
    const size_t end = after_css_opaque(css, at);
    if (end == at)
      text += css[at++];
    else if (css[at] != '/')
      text += css.substr(at, end - at);
    at = std::max(at, end);
  }
  return text;
}

}  // namespace swiftavatar
