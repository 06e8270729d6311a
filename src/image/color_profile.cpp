#include "image/color_profile.h"

#include <cstdlib>
#include <memory>
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

}  // namespace

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
