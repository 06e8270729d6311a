#pragma once
// How large an avatar of a definition could become as an SVG document, which other programs open too: browsers,
// editors. How long drawing it takes here is bounded where it is drawn (SvgDrawer).

#include "avatar/art.h"
#include "avatar/json_view.h"

namespace swiftavatar {

/// Limits on one avatar; checked for the largest choice of variants when the definition is read.
inline constexpr double kMaxDrawnElements = 100'000;
inline constexpr double kMaxDrawnBytes = 64.0 * (1 << 20);
inline constexpr double kMaxDrawnDepth = 200;  ///< below libxml2's limit of 256; librsvg's own recursion has none

/// The largest that an avatar can become. What an element names by id (<use>, masks, clips, paints, markers, filters)
/// counts at each place that names it, as if it were written there. Doubles: nested references multiply.
struct DrawingCost {
  double elements = 0, bytes = 0, depth = 0;
};

/// Throws Failure(engine_invalid) where something draws itself.
DrawingCost drawing_cost(const Art& art);

/// Throws Failure(engine_invalid) with a path of `root` where an avatar could go beyond the limits.
void check_drawing_cost(const JsonView& root, const Art& art);

}  // namespace swiftavatar
