#pragma once

#include <cstdint>
#include <span>

#include <opencv2/core.hpp>

namespace swiftavatar {

enum class ProfileUse { converted, not_needed, unusable };

/// Converts CV_8UC3 RGB, in place, from an ICC profile to sRGB (relative colorimetric, black point compensation). A
/// grey profile applies to pictures whose channels are equal. not_needed: the profile is sRGB itself. unusable: it
/// cannot be read or belongs to another colour model; the picture is unchanged.
ProfileUse convert_to_srgb(cv::Mat& rgb, std::span<const uint8_t> profile, bool grey);

}  // namespace swiftavatar
