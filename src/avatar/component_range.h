#pragma once
// The transform that a component's own rotate, scale and translate ranges give.

#include <string>

#include "avatar/art.h"

namespace swiftavatar {

/// A {min, max, step} range; step 0: any number in between.
struct ValueRange {
  double min = 0, max = 0, step = 0;
};

/// The number that DiceBear's cores take for `key` from a range when their options have no seed. No option can set it,
/// so our picture equals theirs only with the same number. It depends on the key alone.
double drawn_value(const std::string& key, const ValueRange& range);

struct ComponentRanges {
  ValueRange translate_x, translate_y;  ///< in percent of the component's size
  ValueRange rotate;                    ///< degrees
  ValueRange scale{1, 1};
};

/// The transform of references by `name`, a component's or an alias's: aliases draw numbers of their own.
ArtTransform drawn_transform(const std::string& name, const ComponentRanges& ranges, double width, double height);

}  // namespace swiftavatar
