#pragma once
// Lists of paths as other programs write them.

#include <string>
#include <string_view>
#include <vector>

namespace swiftavatar::cli {

inline constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

/// The paths of a whole list, empty ones left out. With `nul` each ends with NUL and is any other bytes. Without, each
/// is a line, and what Windows writes is read too: a byte order mark, line ends of CR LF, and UTF-16 that has a mark.
/// `name` is used in messages. Throws Failure usage where a line holds NUL: UTF-16 without a mark, or a list for `nul`.
std::vector<std::string> split_list(std::string_view bytes, bool nul, const std::string& name);

/// A line without the CR at its end.
std::string_view without_cr(std::string_view line);

/// Whether the bytes start as UTF-16 with a mark does.
bool starts_as_utf16(std::string_view bytes);

}  // namespace swiftavatar::cli
