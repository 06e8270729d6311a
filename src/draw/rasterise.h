#pragma once
// SVG to pixels with librsvg, in this process.

#include <cstdint>
#include <string>
#include <vector>

#include "swiftavatar/result.h"

namespace swiftavatar {

struct Picture {
  int rows = 0, columns = 0;
  std::vector<uint8_t> rgba;  ///< straight alpha
};

/// Draws an SVG document, `size` pixels on the longer side. Nothing outside the document is loaded but fonts. Error:
/// render_failed.
Result<Picture> rasterise(const std::string& svg, int size);

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// The box of the shapes of the element `id`, without their strokes, in a document that is drawn `width` x `height`
/// pixels large. Error: render_failed.
Result<Box> measure(const std::string& svg, const std::string& id, double width, double height);

}  // namespace swiftavatar
