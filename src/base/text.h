#pragma once
// Small questions and changes of text.

#include <string>
#include <string_view>

namespace swiftavatar {

/// Whether the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

/// A to Z made small; all other bytes stay as they are, whatever the locale.
std::string lower(std::string text);

/// The text as one word of a shell, in single quotes. `quote`: what stands for a single quote in it; the default is for
/// POSIX shells.
std::string shell_word(std::string_view text, std::string_view quote = "'\\''");

}  // namespace swiftavatar
