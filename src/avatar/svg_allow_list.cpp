#include "avatar/svg_allow_list.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace swiftavatar {
namespace {

using std::string_view;

// Sorted, for binary search.
constexpr auto kElements = std::to_array<string_view>({"circle",         "clipPath",
                                                       "defs",           "desc",
                                                       "ellipse",        "feBlend",
                                                       "feColorMatrix",  "feComponentTransfer",
                                                       "feComposite",    "feDropShadow",
                                                       "feFlood",        "feFuncA",
                                                       "feFuncB",        "feFuncG",
                                                       "feFuncR",        "feGaussianBlur",
                                                       "feMerge",        "feMergeNode",
                                                       "feOffset",       "feTile",
                                                       "filter",         "g",
                                                       "line",           "linearGradient",
                                                       "marker",         "mask",
                                                       "path",           "pattern",
                                                       "polygon",        "polyline",
                                                       "radialGradient", "rect",
                                                       "stop",           "style",
                                                       "symbol",         "text",
                                                       "textPath",       "title",
                                                       "tspan",          "use"});

constexpr auto kAttributes = std::to_array<string_view>({"alignment-baseline",
                                                         "amplitude",
                                                         "baseline-shift",
                                                         "class",
                                                         "clip-path",
                                                         "clip-rule",
                                                         "clipPathUnits",
                                                         "color",
                                                         "color-interpolation",
                                                         "color-interpolation-filters",
                                                         "cx",
                                                         "cy",
                                                         "d",
                                                         "direction",
                                                         "display",
                                                         "dominant-baseline",
                                                         "dx",
                                                         "dy",
                                                         "exponent",
                                                         "fill",
                                                         "fill-opacity",
                                                         "fill-rule",
                                                         "filter",
                                                         "filterUnits",
                                                         "flood-color",
                                                         "flood-opacity",
                                                         "font-family",
                                                         "font-size",
                                                         "font-size-adjust",
                                                         "font-style",
                                                         "font-variant",
                                                         "font-weight",
                                                         "fx",
                                                         "fy",
                                                         "gradientTransform",
                                                         "gradientUnits",
                                                         "height",
                                                         "href",
                                                         "id",
                                                         "image-rendering",
                                                         "in",
                                                         "in2",
                                                         "intercept",
                                                         "k1",
                                                         "k2",
                                                         "k3",
                                                         "k4",
                                                         "lang",
                                                         "lengthAdjust",
                                                         "letter-spacing",
                                                         "marker-end",
                                                         "marker-mid",
                                                         "marker-start",
                                                         "markerHeight",
                                                         "markerUnits",
                                                         "markerWidth",
                                                         "mask",
                                                         "mask-type",
                                                         "maskContentUnits",
                                                         "maskUnits",
                                                         "method",
                                                         "mode",
                                                         "offset",
                                                         "opacity",
                                                         "operator",
                                                         "orient",
                                                         "overflow",
                                                         "paint-order",
                                                         "path",
                                                         "pathLength",
                                                         "patternContentUnits",
                                                         "patternTransform",
                                                         "patternUnits",
                                                         "points",
                                                         "preserveAspectRatio",
                                                         "primitiveUnits",
                                                         "r",
                                                         "refX",
                                                         "refY",
                                                         "result",
                                                         "rx",
                                                         "ry",
                                                         "shape-rendering",
                                                         "slope",
                                                         "spreadMethod",
                                                         "startOffset",
                                                         "stdDeviation",
                                                         "stop-color",
                                                         "stop-opacity",
                                                         "stroke",
                                                         "stroke-dasharray",
                                                         "stroke-dashoffset",
                                                         "stroke-linecap",
                                                         "stroke-linejoin",
                                                         "stroke-miterlimit",
                                                         "stroke-opacity",
                                                         "stroke-width",
                                                         "style",
                                                         "tableValues",
                                                         "text-anchor",
                                                         "text-decoration",
                                                         "text-rendering",
                                                         "textLength",
                                                         "transform",
                                                         "type",
                                                         "values",
                                                         "viewBox",
                                                         "visibility",
                                                         "width",
                                                         "word-spacing",
                                                         "writing-mode",
                                                         "x",
                                                         "x1",
                                                         "x2",
                                                         "y",
                                                         "y1",
                                                         "y2"});

constexpr auto kColorAttributes = std::to_array<string_view>({"color", "fill", "flood-color", "stop-color", "stroke"});

static_assert(std::is_sorted(kElements.begin(), kElements.end()));
static_assert(std::is_sorted(kAttributes.begin(), kAttributes.end()));
static_assert(std::is_sorted(kColorAttributes.begin(), kColorAttributes.end()));

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string lower(string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// True where `word`, then white space, then `mark` occurs.
bool contains_call(string_view text, string_view word, char mark) {
  for (size_t at = text.find(word); at != string_view::npos; at = text.find(word, at + 1)) {
    size_t next = at + word.size();
    while (next < text.size() && is_space(text[next])) ++next;
    if (next < text.size() && text[next] == mark) return true;
  }
  return false;
}

// Refused in every string: only browsers would act on these.
std::string refuse_text(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && !is_space(c)) return "has a control character";
    if (c == '\\') return "has a backslash";
  }
  if (contains_call(text, "javascript", ':') || contains_call(text, "vbscript", ':')) return "has a script URL";
  if (contains_call(text, "expression", '(') || contains_call(text, "behavior", ':') ||
      text.find("-moz-binding") != std::string::npos) {
    return "has active CSS";
  }
  return {};
}

}  // namespace

bool allowed_element(string_view name) { return std::binary_search(kElements.begin(), kElements.end(), name); }

bool allowed_attribute(string_view name) { return std::binary_search(kAttributes.begin(), kAttributes.end(), name); }

bool takes_color(string_view attribute) {
  return std::binary_search(kColorAttributes.begin(), kColorAttributes.end(), attribute);
}

bool valid_id(string_view id) {
  if (id.empty() || id.size() > 128) return false;
  if (!std::isalpha(static_cast<unsigned char>(id[0])) && id[0] != '_') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  });
}

std::string refuse_css(string_view css) {
  const std::string text = lower(css);
  if (std::string reason = refuse_text(text); !reason.empty()) return reason;
  if (contains_call(text, "url", '(')) return "may not use url(…) in CSS";
  // The composer renames ids and classes, and does so in #id and .class alone.
  if (text.find('[') != std::string::npos) return "may not select by attributes ([…]) in CSS";
  for (const char* rule : {"@import", "@font-face", "@document", "@charset", "@namespace"}) {
    if (text.find(rule) != std::string::npos) return std::string("may not use ") + rule;
  }
  return {};
}

std::string refuse_value(string_view attribute, string_view value) {
  if (attribute == "style") return refuse_css(value);
  if (attribute == "href") {
    return value.size() > 1 && value[0] == '#' && valid_id(value.substr(1)) ? ""
                                                                            : "may only name an id here, as \"#id\"";
  }
  if (attribute == "id") return valid_id(value) ? "" : "is not an id (letters, digits, _ - . only)";
  const std::string text = lower(value);
  if (std::string reason = refuse_text(text); !reason.empty()) return reason;
  for (size_t at = text.find("url"); at != std::string::npos; at = text.find("url", at + 3)) {
    size_t open = at + 3;
    while (open < text.size() && is_space(text[open])) ++open;
    if (open == text.size() || text[open] != '(') continue;
    const size_t close = text.find(')', open);
    const string_view target =
        close == std::string::npos ? string_view() : string_view(text).substr(open + 1, close - open - 1);
    if (open != at + 3 || target.size() < 2 || target[0] != '#' || !valid_id(target.substr(1))) {
      return "may only use url(…) with an id here, as url(#id)";
    }
  }
  return {};
}

}  // namespace swiftavatar
