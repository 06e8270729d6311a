#include "avatar/drawing_names.h"

#include <algorithm>
#include <cctype>

#include "avatar/css_text.h"

namespace swiftavatar {
namespace {

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '-' || (c & 0x80); }
bool in_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)); }

/// Comments and text in quotes stay as they are; ".5%" is no class.
std::string rename_in_selector(const std::string& selector, const Rename& rename_id, const Rename& rename_class) {
  std::string renamed;
  for (size_t at = 0; at < selector.size();) {
    const char c = selector[at];
    size_t end = std::max(after_css_opaque(selector, at), at + 1);
    if ((c == '#' || c == '.') && end < selector.size() && starts_name(selector[end])) {
      while (end < selector.size() && in_name(selector[end])) ++end;
      renamed += c + (c == '#' ? rename_id : rename_class)(selector.substr(at + 1, end - at - 1));
      at = end;
      continue;
    }
    renamed.append(selector, at, end - at);
    at = end;
  }
  return renamed;
}

}  // namespace

// A bare "#abc" in any other attribute is a colour.
std::string rename_references(const std::string& attribute, const std::string& value, const Rename& rename) {
  std::string renamed;
  size_t done = 0;
  for (size_t at = value.find('#'); at != std::string::npos; at = value.find('#', at + 1)) {
    if (attribute == "href" ? at != 0 : at == 0 || value[at - 1] != '(') continue;
    const size_t end = std::min(value.find(')', at), value.size());
    renamed += value.substr(done, at + 1 - done) + rename(value.substr(at + 1, end - at - 1));
    done = end;
  }
  return renamed + value.substr(done);
}

std::string rename_classes(const std::string& value, const Rename& rename) {
  std::string renamed;
  for (size_t at = 0; at < value.size();) {
    const size_t start = std::min(value.find_first_not_of(kCssSpace, at), value.size());
    const size_t end = std::min(value.find_first_of(kCssSpace, start), value.size());
    if (start < end) renamed += (renamed.empty() ? "" : " ") + rename(value.substr(start, end - start));
    at = end;
  }
  return renamed;
}

std::string rename_selectors(const std::string& css, const Rename& rename_id, const Rename& rename_class) {
  std::string renamed;
  for (size_t at = 0; at < css.size();) {
    const size_t end = css_statement_end(css, at);
    const std::string statement = css.substr(at, end - at);
    const bool is_selector = end < css.size() && css[end] == '{';
    renamed += is_selector ? rename_in_selector(statement, rename_id, rename_class) : statement;
    if (end < css.size()) renamed += css[end];
    at = end + 1;
  }
  return renamed;
}

}  // namespace swiftavatar
