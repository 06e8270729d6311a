#pragma once
// Colour profiles whose effect can be told without a colour management system.

#include <lcms2.h>

#include "image/pictures.h"

namespace swiftavatar::testing {

inline Bytes saved(cmsHPROFILE profile) {
  cmsUInt32Number length = 0;
  cmsSaveProfileToMem(profile, nullptr, &length);
  Bytes bytes(length);
  cmsSaveProfileToMem(profile, bytes.data(), &length);
  cmsCloseProfile(profile);
  return bytes;
}

inline Bytes srgb_profile() { return saved(cmsCreate_sRGBProfile()); }

/// sRGB with the primaries of red and blue exchanged, so that a conversion exchanges the two channels.
inline Bytes swapped_profile() {
  const cmsFloat64Number curve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* tone = cmsBuildParametricToneCurve(nullptr, 4, curve);
  cmsToneCurve* tones[] = {tone, tone, tone};
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.15, 0.06, 1}, {0.30, 0.60, 1}, {0.64, 0.33, 1}};
  Bytes bytes = saved(cmsCreateRGBProfile(&white, &primaries, tones));
  cmsFreeToneCurve(tone);
  return bytes;
}

/// Linear grey: level 0.5 is half the light, which is 188 in sRGB.
inline Bytes linear_grey_profile() {
  cmsToneCurve* tone = cmsBuildGamma(nullptr, 1.0);
  Bytes bytes = saved(cmsCreateGrayProfile(cmsD50_xyY(), tone));
  cmsFreeToneCurve(tone);
  return bytes;
}

inline Bytes lab_profile() { return saved(cmsCreateLab4Profile(nullptr)); }

}  // namespace swiftavatar::testing
