#include "avatar/css_text.h"

#include <algorithm>

namespace swiftavatar {
namespace {

// Behind the quoted text that starts at `at`.
size_t after_quotes(std::string_view css, size_t at) { return std::min(css.find(css[at], at + 1), css.size() - 1) + 1; }

}  // namespace

std::string_view trim_css(std::string_view text) {
  const size_t start = text.find_first_not_of(kCssSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kCssSpace) - start + 1);
}

std::string without_css_comments(std::string_view css) {
  std::string text;
  for (size_t at = 0; at < css.size();) {
    size_t end = std::min(css.find_first_of("\"'/", at), css.size());
    text += css.substr(at, end - at);
    at = end;
    if (at == css.size()) break;
    if (css.substr(at).starts_with("/*")) {
      end = css.find("*/", at + 2);
      at = end == std::string_view::npos ? css.size() : end + 2;
      continue;
    }
    end = css[at] == '/' ? at + 1 : after_quotes(css, at);
    text += css.substr(at, end - at);
    at = end;
  }
  return text;
}

size_t css_statement_end(std::string_view css, size_t at) {
  while ((at = std::min(css.find_first_of("\"';{}", at), css.size())) < css.size()) {
    if (css[at] != '"' && css[at] != '\'') break;
    at = after_quotes(css, at);
  }
  return at;
}

}  // namespace swiftavatar
