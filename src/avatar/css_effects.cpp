#include "avatar/css_effects.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "avatar/css_text.h"

namespace swiftavatar {
namespace {

constexpr std::string_view kProperties[] = {"opacity", "filter", "mask", "clip-path", "mix-blend-mode", "isolation"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Past an at-rule: librsvg knows none but @import, which is refused, and leaves out the block of any other.
size_t after_at_rule(std::string_view css, size_t at) {
  at = css.find_first_of(";{}", at);
  if (at == std::string_view::npos || css[at] != '{') return std::min(at, css.size());
  int depth = 0;
  for (; at < css.size(); ++at) {
    if (css[at] == '{') ++depth;
    if (css[at] == '}' && --depth == 0) return at + 1;
  }
  return css.size();
}

/// The text between semicolons and braces, without at-rules.
std::vector<std::string_view> statements(std::string_view css) {
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < css.size();) {
    at = css.find_first_not_of(" \t\r\n\f;{}", at);
    if (at == std::string_view::npos) break;
    if (css[at] == '@') {
      at = after_at_rule(css, at);
      continue;
    }
    const size_t end = css_statement_end(css, at);
    pieces.push_back(css.substr(at, end - at));
    at = end;
  }
  return pieces;
}

}  // namespace

CssEffects& CssEffects::operator|=(const CssEffects& other) {
  layer = std::max(layer, other.layer);
  blend = std::max(blend, other.blend);
  filter = std::max(filter, other.filter);
  inherits |= other.inherits;
  return *this;
}

CssEffects css_effects(std::string_view property, const std::string& text) {
  CssEffects effects;
  if (std::find(std::begin(kProperties), std::end(kProperties), property) == std::end(kProperties)) return effects;
  const std::string lowered = lower(text);
  const std::string_view value = trim_css(lowered);
  if (value == "none" || value == "normal" || value == "auto") return effects;
  effects.layer = kLayerCost;
  if (property == "mix-blend-mode") effects.blend = kBlendCost;
  effects.inherits = property != "opacity" && value.find("inherit") != std::string_view::npos;
  if (property != "filter") return effects;
  for (size_t at = value.find('('); at != std::string_view::npos; at = value.find('(', at + 1)) {
    const std::string_view before = value.substr(0, at);
    if (before.ends_with("blur") || before.ends_with("drop-shadow"))
      effects.filter += kBlurCost;
    else if (!before.ends_with("url"))
      effects.filter += kFilterCost;
  }
  return effects;
}

CssEffects css_effects(const std::string& sheet) {
  const std::string css = lower(sheet);
  CssEffects effects;
  if (css.find_first_of("\"'") != std::string::npos) {  // braces and comments may be part of a string
    for (const std::string_view property : kProperties) {
      if (css.find(property) != std::string::npos) effects |= css_effects(property, css);
    }
    return effects;
  }
  const std::string text = without_css_comments(css);
  for (const std::string_view statement : statements(text)) {
    const size_t colon = std::min(statement.find(':'), statement.size());
    const std::string_view value = statement.substr(std::min(colon + 1, statement.size()));
    effects |= css_effects(trim_css(statement.substr(0, colon)), std::string(value.substr(0, value.find('!'))));
  }
  return effects;
}

}  // namespace swiftavatar
