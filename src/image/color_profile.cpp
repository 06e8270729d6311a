#include "image/color_profile.h"

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include <lcms2.h>
#include <opencv2/imgproc.hpp>

namespace swiftavatar {

namespace {

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
struct FreeCurve {
  void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};
using ToneCurve = std::unique_ptr<cmsToneCurve, FreeCurve>;
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, DeleteTransform>;

/// Whether a grid over the RGB cube comes out as it went in, to a rounding.
bool is_identity(cmsHTRANSFORM transform) {
  constexpr int kSteps = 6, kStep = 255 / (kSteps - 1);
  std::vector<uint8_t> in, out;
  for (int r = 0; r < kSteps; ++r) {
    for (int g = 0; g < kSteps; ++g) {
      for (int b = 0; b < kSteps; ++b) {
        for (const int level : {r, g, b}) in.push_back(static_cast<uint8_t>(level * kStep));
      }
    }
  }
  out.resize(in.size());
  cmsDoTransform(transform, in.data(), out.data(), static_cast<cmsUInt32Number>(in.size() / 3));
  for (size_t i = 0; i < in.size(); ++i) {
    if (std::abs(in[i] - out[i]) > 1) return false;
  }
  return true;
}

constexpr Primaries kBt709{{0.3127, 0.3290}, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}};

/// H.273's table of primaries, without those that no photo has.
const Primaries* primaries_of(int code) {
  static constexpr Primaries kBt470Bg{{0.3127, 0.3290}, {0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}},
      kSmpte170{{0.3127, 0.3290}, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}},
      kBt2020{{0.3127, 0.3290}, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}},
      kDciP3{{0.314, 0.351}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
      kDisplayP3{{0.3127, 0.3290}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}};
  switch (code) {
    case 1: return &kBt709;
    case 5: return &kBt470Bg;
    case 6:
    case 7: return &kSmpte170;
    case 9: return &kBt2020;
    case 11: return &kDciP3;
    case 12: return &kDisplayP3;
    default: return nullptr;
  }
}

/// sRGB's curve stands for that of video cameras too, as browsers have it.
ToneCurve curve_of(int transfer) {
  constexpr double kSrgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  switch (transfer) {
    case 4: return ToneCurve(cmsBuildGamma(nullptr, 2.2));
    case 5: return ToneCurve(cmsBuildGamma(nullptr, 2.8));
    case 8: return ToneCurve(cmsBuildGamma(nullptr, 1.0));
    default: return ToneCurve(cmsBuildParametricToneCurve(nullptr, 4, kSrgb));
  }
}

std::vector<uint8_t> profile_of(const Primaries& primaries, const ToneCurve& curve) {
  const auto xy = [](const std::array<double, 2>& point) { return cmsCIExyY{point[0], point[1], 1}; };
  for (const auto& point : {primaries.white, primaries.red, primaries.green, primaries.blue}) {
    if (!(point[0] >= 0 && point[1] > 0 && point[0] + point[1] <= 1)) return {};
  }
  const cmsCIExyY white = xy(primaries.white);
  const cmsCIExyYTRIPLE rgb{xy(primaries.red), xy(primaries.green), xy(primaries.blue)};
  cmsToneCurve* const curves[] = {curve.get(), curve.get(), curve.get()};
  const Profile profile(cmsCreateRGBProfile(&white, &rgb, curves));
  cmsUInt32Number size = 0;
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) return {};
  std::vector<uint8_t> bytes(size);
  if (!cmsSaveProfileToMem(profile.get(), bytes.data(), &size)) return {};
  return bytes;
}

}  // namespace

std::vector<uint8_t> profile_of(const CodedColours& colours) {
  const Primaries* primaries = primaries_of(colours.primaries);
  return primaries ? profile_of(*primaries, curve_of(colours.transfer)) : std::vector<uint8_t>{};
}

std::vector<uint8_t> profile_of(const Primaries& primaries) { return profile_of(primaries, curve_of(13)); }

void lab_to_srgb(cv::Mat& lab) {
  const Profile source(cmsCreateLab4Profile(nullptr)), srgb(cmsCreate_sRGBProfile());
  const Transform transform(
      cmsCreateTransform(source.get(), TYPE_Lab_8, srgb.get(), TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, 0));
  if (!transform) throw std::bad_alloc();
  for (int y = 0; y < lab.rows; ++y)
    cmsDoTransform(transform.get(), lab.ptr(y), lab.ptr(y), static_cast<cmsUInt32Number>(lab.cols));
}

ProfileUse convert_to_srgb(cv::Mat& rgb, std::span<const uint8_t> bytes, bool grey) {
  const Profile source(cmsOpenProfileFromMem(bytes.data(), static_cast<cmsUInt32Number>(bytes.size())));
  if (!source) return ProfileUse::unusable;
  const auto space = cmsGetColorSpace(source.get());
  const bool grey_profile = space == cmsSigGrayData;
  if (space != cmsSigRgbData && !(grey_profile && grey)) return ProfileUse::unusable;

  const Profile srgb(cmsCreate_sRGBProfile());
  const Transform transform(cmsCreateTransform(source.get(), grey_profile ? TYPE_GRAY_8 : TYPE_RGB_8, srgb.get(),
                                               TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                                               cmsFLAGS_BLACKPOINTCOMPENSATION));
  if (!transform) return ProfileUse::unusable;
  if (!grey_profile && is_identity(transform.get())) return ProfileUse::not_needed;

  cv::Mat input = rgb;
  if (grey_profile) cv::extractChannel(rgb, input, 0);
  cv::Mat output(rgb.size(), CV_8UC3);
  cmsDoTransformLineStride(transform.get(), input.data, output.data, static_cast<cmsUInt32Number>(rgb.cols),
                           static_cast<cmsUInt32Number>(rgb.rows), static_cast<cmsUInt32Number>(input.step),
                           static_cast<cmsUInt32Number>(output.step), 0, 0);
  rgb = output;
  return ProfileUse::converted;
}

}  // namespace swiftavatar
