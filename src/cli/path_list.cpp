#include "cli/path_list.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "swiftavatar/result.h"

namespace swiftavatar::cli {
namespace {

void append_utf8(uint32_t code, std::string& text) {
  const auto add = [&](uint32_t bits) { text += static_cast<char>(bits); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

/// UTF-16 with its mark as UTF-8; nothing where it is damaged.
std::optional<std::string> from_utf16(std::string_view bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  const size_t high = bytes.starts_with("\xFF\xFE") ? 1 : 0;
  const auto unit = [&](size_t at) -> uint32_t {
    return static_cast<uint8_t>(bytes[at + high]) << 8 | static_cast<uint8_t>(bytes[at + 1 - high]);
  };
  std::string text;
  for (size_t at = 2; at < bytes.size(); at += 2) {
    uint32_t code = unit(at);
    if (code >= 0xd800 && code < 0xe000) {
      const uint32_t second = at + 2 < bytes.size() ? unit(at + 2) : 0;
      if (code >= 0xdc00 || second < 0xdc00 || second >= 0xe000) return std::nullopt;
      code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
      at += 2;
    }
    append_utf8(code, text);
  }
  return text;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Failure(ErrorCode::usage, "--files-from " + name + ": " + why);
}

}  // namespace

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool starts_as_utf16(std::string_view bytes) { return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"); }

std::vector<std::string> split_list(std::string_view bytes, bool nul, const std::string& name) {
  std::string converted;
  if (!nul && starts_as_utf16(bytes)) {
    auto text = from_utf16(bytes);
    if (!text) refuse(name, "the list is damaged UTF-16; save it as UTF-8.");
    converted = std::move(*text);
    bytes = converted;
  } else if (!nul && bytes.starts_with(kUtf8Mark)) {
    bytes.remove_prefix(kUtf8Mark.size());
  }
  if (!nul && bytes.find('\0') != std::string_view::npos) {
    refuse(name, "the list holds NUL bytes; give -0 where NUL ends each path, and save a list in UTF-16 as UTF-8.");
  }
  std::vector<std::string> paths;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find(nul ? '\0' : '\n'), bytes.size());
    const std::string_view path = nul ? bytes.substr(0, end) : without_cr(bytes.substr(0, end));
    if (!path.empty()) paths.emplace_back(path);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return paths;
}

}  // namespace swiftavatar::cli
