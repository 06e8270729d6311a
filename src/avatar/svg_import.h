#pragma once
// Turns untrusted SVG drawings into elements of a definition: inlines styles, turns placeholders into colours, drops
// data of editors.

#include <map>
#include <string>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// What placeholders such as "$[hairColor]" stand for: the name of a colour of the definition, or "" for a shade, a
/// shape whose opacity something else decides.
using Placeholders = std::map<std::string, std::string>;

struct ImportedSvg {
  nlohmann::ordered_json elements;  ///< of a definition (docs/engine-definition.md), without the shades
  nlohmann::ordered_json shades;    ///< the shades alone, black
  cv::Rect2d box;                   ///< of all shapes without their strokes; empty where nothing is drawn
};

/// Reads an SVG document, or the inside of one. What only editors read is dropped; a root element's own attributes are
/// too. Properties of <style> and `style` become attributes, but for stroke-width, which stays in `style`. Throws
/// Failure(engine_invalid) with the reason where it has something that a definition may not have.
ImportedSvg import_svg(const std::string& svg, const Placeholders& placeholders);

}  // namespace swiftavatar
