#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

enum class ProfileUse { converted, not_needed, unusable };

/// Converts CV_8UC3 RGB, in place, from an ICC profile to sRGB (relative colorimetric, black point compensation). A
/// grey profile applies to pictures whose channels are equal. not_needed: the profile is sRGB itself. unusable: it
/// cannot be read or belongs to another colour model; the picture is unchanged.
ProfileUse convert_to_srgb(cv::Mat& rgb, std::span<const uint8_t> profile, bool grey);

/// CIE L*a*b* (D50) as ICC encodes it in 8 bits, L* times 2.55, a* and b* plus 128, to sRGB, in place.
void lab_to_srgb(cv::Mat& lab);

/// Chromaticities (CIE x and y) of the white point and the three primaries.
struct Primaries {
  std::array<double, 2> white, red, green, blue;
};

/// Colours as ITU-T H.273 numbers them: PNG's cICP, HEIF's nclx.
struct CodedColours {
  int primaries = 2, transfer = 2;  ///< 2 = not said

  bool is_hdr() const { return transfer == 16 || transfer == 18; }  ///< PQ, HLG
};

inline constexpr const char* kHdrWarning =
    "The photo is coded for HDR screens (PQ or HLG); its colours and brightness are approximate.";

/// An ICC profile of these colours. Empty where they are sRGB's, are not said, or mean nothing.
std::vector<uint8_t> profile_of(const CodedColours& colours);
/// With sRGB's transfer function.
std::vector<uint8_t> profile_of(const Primaries& primaries);

}  // namespace swiftavatar
