#pragma once
// The text of style sheets, as far as this program reads CSS.

#include <string>
#include <string_view>

namespace swiftavatar {

inline constexpr std::string_view kCssSpace = " \t\r\n\f";

std::string_view trim_css(std::string_view text);

/// Behind the comment or the quoted text that starts at `at`; `at` itself where none does. `at` < css.size().
size_t after_css_opaque(std::string_view css, size_t at);

/// Where the first ; { or } outside comments and quotes stands, from `at` on; css.size() where there is none.
size_t css_statement_end(std::string_view css, size_t at);

/// Without comments. For reading only: what is left may mean something else to a browser, as in "@imp/**/ort".
std::string without_css_comments(std::string_view css);

}  // namespace swiftavatar
