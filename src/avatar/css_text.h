#pragma once
// The text of style sheets, as far as this program reads CSS.

#include <string>
#include <string_view>

namespace swiftavatar {

inline constexpr std::string_view kCssSpace = " \t\r\n\f";

std::string_view trim_css(std::string_view text);

/// Without /* … */; what looks like a comment inside quotes stays.
std::string without_css_comments(std::string_view css);

/// Where the first ; { or } outside quotes stands, from `at` on; css.size() where there is none.
size_t css_statement_end(std::string_view css, size_t at);

}  // namespace swiftavatar
