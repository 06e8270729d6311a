#pragma once
// How much an avatar of a definition could draw, so that no definition keeps the program busy for minutes.

#include "avatar/art.h"
#include "avatar/json_view.h"

namespace swiftavatar {

/// Limits on what one avatar may draw; checked for the costliest choice of variants when the definition is read.
inline constexpr double kMaxDrawnElements = 100'000;
inline constexpr double kMaxDrawnBytes = 64.0 * (1 << 20);
inline constexpr double kMaxDrawnDepth = 200;  ///< below libxml2's limit of 256; librsvg's own recursion has none
inline constexpr double kMaxEffects = 16'000;  ///< at 512 pixels 3 to 7 s on a busy core; engine alter needs half of it

/// The most that an avatar can draw. What an element names by id (<use>, masks, clips, paints, markers, filters) counts
/// at each place that names it, as if it were written there. Doubles: nested references multiply.
struct DrawingCost {
  double elements = 0, bytes = 0, depth = 0;
  double effects = 0;  ///< as css_effects.h weighs them
};

/// Throws Failure(engine_invalid) where something draws itself, or where its cost cannot be told.
DrawingCost drawing_cost(const Art& art);

/// Throws Failure(engine_invalid) with a path of `root` where an avatar could go beyond the limits.
void check_drawing_cost(const JsonView& root, const Art& art);

}  // namespace swiftavatar
