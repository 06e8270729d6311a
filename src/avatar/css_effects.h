#pragma once
// Effects that are drawn on surfaces of their own, each as large as the picture, and what they cost.

#include <string>
#include <string_view>

namespace swiftavatar {

/// Costs by the time they take librsvg, where a layer with opacity is 1: at 512 pixels a third of a millisecond.
inline constexpr double kLayerCost = 1, kMaskCost = 8, kBlendCost = 20, kFilterCost = 50, kBlurCost = 250;
inline constexpr double kLetterCost = 1.0 / 3;  ///< of text

struct CssEffects {
  double layer = 0;       ///< opacity, a mask, a clip, a filter or a blend mode
  double blend = 0;       ///< the blend mode itself
  double filter = 0;      ///< functions of a filter; what it names by url(#id) stands elsewhere
  bool inherits = false;  ///< it inherits the parent's mask, clip or filter

  double cost() const { return layer + blend + filter; }
  CssEffects& operator|=(const CssEffects& other);  ///< the worse of both
};

/// Of declarations or of a whole style sheet, as if every selector matched. In doubt there is an effect.
CssEffects css_effects(const std::string& css);

/// Of one property, which may also be an attribute.
CssEffects css_effects(std::string_view property, const std::string& value);

}  // namespace swiftavatar
