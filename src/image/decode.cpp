#include "image/decode.h"

#include <algorithm>
#include <new>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/text.h"
#include "image/codecs.h"
#include "image/color_profile.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

/// What the decoder gives, BGR order, before orientation; empty where it cannot. IMREAD_UNCHANGED keeps alpha and 16
/// bits and leaves the orientation to us. Not all bytes are shown to it:
/// - TIFF decoders turn pictures half way by the orientation tag, so its entry is made "one SHORT, upright" first;
/// - BMP's fourth byte is seldom alpha, so it is left out.
/// - libpng would print its opinion of a PNG's profile to stderr, and we apply it ourselves.
cv::Mat run_decoder(std::span<const uint8_t> bytes, const Probe& probe) {
  const int length = static_cast<int>(bytes.size());
  if (probe.info.format == ImageFormat::tiff && probe.tiff_orientation_at != 0) {
    std::vector<uint8_t> upright(bytes.begin(), bytes.end());
    constexpr uint8_t kLittle[] = {3, 0, 1, 0, 0, 0, 1, 0, 0, 0}, kBig[] = {0, 3, 0, 0, 0, 1, 0, 1, 0, 0};
    const auto& entry = probe.little_endian ? kLittle : kBig;
    std::copy(std::begin(entry), std::end(entry), upright.begin() + static_cast<ptrdiff_t>(probe.tiff_orientation_at));
    return opencv_decode(cv::Mat(upright).reshape(1, 1), cv::IMREAD_UNCHANGED);
  }
  if (probe.info.format == ImageFormat::png)
    return opencv_decode(cv::Mat(without_png_profile(bytes)).reshape(1, 1), cv::IMREAD_UNCHANGED);
  const cv::Mat input(1, length, CV_8UC1, const_cast<uint8_t*>(bytes.data()));
  const bool plain = probe.info.format == ImageFormat::bmp || probe.info.format == ImageFormat::jpeg;
  return opencv_decode(input, plain ? cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION : cv::IMREAD_UNCHANGED);
}

/// To RGB (CV_8UC3) and, for pictures with transparency, `alpha` (CV_8UC1).
void split_pixels(cv::Mat pixels, bool rgb_order, cv::Mat& rgb, cv::Mat& alpha) {
  if (pixels.depth() == CV_16U) pixels.convertTo(pixels, CV_8U, 1.0 / 257);
  if (pixels.channels() == 1) {
    cv::cvtColor(pixels, rgb, cv::COLOR_GRAY2RGB);
  } else if (pixels.channels() == 3) {
    cv::cvtColor(pixels, rgb, cv::COLOR_BGR2RGB);
  } else {
    cv::extractChannel(pixels, alpha, 3);
    cv::cvtColor(pixels, rgb, rgb_order ? cv::COLOR_RGBA2RGB : cv::COLOR_BGRA2RGB);
    if (cv::countNonZero(alpha != 255) == 0) alpha.release();
  }
}

/// out = alpha * colour + (1 - alpha) * white, rounded.
void blend_over_white(cv::Mat& rgb, const cv::Mat& alpha) {
  for (int y = 0; y < rgb.rows; ++y) {
    auto* pixel = rgb.ptr<cv::Vec3b>(y);
    const auto* opacity = alpha.ptr<uint8_t>(y);
    for (int x = 0; x < rgb.cols; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const int shown = pixel[x][channel] * opacity[x] + 255 * (255 - opacity[x]);
        pixel[x][channel] = static_cast<uint8_t>((shown + 127) / 255);
      }
    }
  }
}

/// By the pixels, since grey JPEGs come out of the decoder with three channels.
bool is_grey(const cv::Mat& rgb) {
  for (int y = 0; y < rgb.rows; ++y) {
    const auto* pixel = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < rgb.cols; ++x) {
      if (pixel[x][0] != pixel[x][1] || pixel[x][1] != pixel[x][2]) return false;
    }
  }
  return true;
}

/// Exif's eight orientations: what must be done to the stored picture so that it is seen upright.
cv::Mat make_upright(const cv::Mat& stored, int orientation) {
  cv::Mat upright;
  switch (orientation) {
    case 2: cv::flip(stored, upright, 1); break;
    case 3: cv::rotate(stored, upright, cv::ROTATE_180); break;
    case 4: cv::flip(stored, upright, 0); break;
    case 5: cv::transpose(stored, upright); break;
    case 6: cv::rotate(stored, upright, cv::ROTATE_90_CLOCKWISE); break;
    case 7:
      cv::transpose(stored, upright);
      cv::rotate(upright, upright, cv::ROTATE_180);
      break;
    case 8: cv::rotate(stored, upright, cv::ROTATE_90_COUNTERCLOCKWISE); break;
    default: return stored;
  }
  return upright;
}

struct FormatName {
  ImageFormat format;
  std::string_view name;
  std::vector<std::string_view> suffixes;
};

const FormatName kFormatNames[] = {
    {ImageFormat::jpeg, "JPEG", {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjp", ".mpo"}},
    {ImageFormat::png, "PNG", {".png", ".apng"}},
    {ImageFormat::webp, "WebP", {".webp"}},
    {ImageFormat::bmp, "BMP", {".bmp", ".dib"}},
    {ImageFormat::tiff, "TIFF", {".tif", ".tiff"}},
    {ImageFormat::heif, "HEIF", {".heic", ".heif", ".hif", ".avif"}},
};

/// A name that ends like another picture format than the content has.
void warn_of_suffix(const std::string& name, ImageFormat format, std::vector<std::string>& warnings) {
  const size_t dot = name.rfind('.');
  if (dot == std::string::npos) return;
  const std::string suffix = lower(name.substr(dot));
  const auto has_suffix = [&](const FormatName& entry) {
    return std::find(entry.suffixes.begin(), entry.suffixes.end(), suffix) != entry.suffixes.end();
  };
  const auto named = std::find_if(std::begin(kFormatNames), std::end(kFormatNames), has_suffix);
  if (named == std::end(kFormatNames) || named->format == format) return;
  const auto actual = std::find_if(std::begin(kFormatNames), std::end(kFormatNames),
                                   [&](const FormatName& entry) { return entry.format == format; });
  warnings.push_back("The name ends in " + suffix + " but the content is " + std::string(actual->name) + ".");
}

Result<DecodedImage> decode_pixels(std::span<const uint8_t> bytes, const Probe& probe) {
  const bool heif = probe.info.format == ImageFormat::heif;
  cv::Mat pixels;
  if (heif) {
    auto decoded = decode_heif(bytes);
    if (!decoded.ok()) return decoded.error();
    pixels = decoded.value();
  } else {
    pixels = run_decoder(bytes, probe);
  }
  const bool known_depth = pixels.depth() == CV_8U || pixels.depth() == CV_16U;
  const bool known_channels = pixels.channels() == 1 || pixels.channels() == 3 || pixels.channels() == 4;
  if (pixels.empty()) return damaged_error("its picture data cannot be decoded");
  if (!known_depth || !known_channels) {
    return Error{ErrorCode::unsupported_format, "has a rare pixel type; save it as 8-bit RGB."};
  }

  DecodedImage image{.rgb = {}, .info = probe.info, .warnings = probe.warnings};
  cv::Mat alpha;
  split_pixels(pixels, heif, image.rgb, alpha);
  if (probe.cmyk) {
    image.warnings.push_back("The photo is in printing colours (CMYK); its colours are approximate.");
  } else if (!probe.profile.empty() &&
             convert_to_srgb(image.rgb, probe.profile, is_grey(image.rgb)) == ProfileUse::unusable) {
    image.warnings.push_back("The colour profile cannot be used; the colours are taken as sRGB.");
  }
  if (!alpha.empty()) blend_over_white(image.rgb, alpha);
  image.rgb = make_upright(image.rgb, probe.info.orientation);
  return image;
}

}  // namespace

Result<DecodedImage> decode_unnamed(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  const Error no_memory{ErrorCode::out_of_memory, "does not fit into memory; give a smaller picture."};
  try {
    const auto probe = probe_bytes(bytes, limits);
    if (!probe.ok()) return probe.error();
    if (probe.value().problem) return *probe.value().problem;
    return decode_pixels(bytes, probe.value());
  } catch (const cv::Exception& error) {
    return error.code == cv::Error::StsNoMem ? no_memory : damaged_error("its picture data cannot be decoded");
  } catch (const std::bad_alloc&) {
    return no_memory;
  }
}

Result<DecodedImage> under_name(Result<DecodedImage> image, const std::string& name) {
  if (!image.ok()) return Error{image.error().code, name + ": " + image.error().message};
  warn_of_suffix(name, image.value().info.format, image.value().warnings);
  return image;
}

bool has_picture_suffix(const std::filesystem::path& file) {
  const std::string suffix = lower(file.extension().string());
  return std::any_of(std::begin(kFormatNames), std::end(kFormatNames), [&](const FormatName& format) {
    return std::find(format.suffixes.begin(), format.suffixes.end(), suffix) != format.suffixes.end();
  });
}

Result<DecodedImage> decode_image(std::span<const uint8_t> bytes, const std::string& name, const DecodeLimits& limits) {
  return under_name(decode_unnamed(bytes, limits), name);
}

std::vector<uint8_t> encode_png(const cv::Mat& image) {
  cv::Mat bgr;  // not `= image`: the conversion would then write into the caller's pixels
  if (image.channels() == 3) {
    cv::cvtColor(image, bgr, cv::COLOR_RGB2BGR);
  } else if (image.channels() == 4) {
    cv::cvtColor(image, bgr, cv::COLOR_RGBA2BGRA);
  } else {
    bgr = image;
  }
  std::vector<uint8_t> bytes;
  if (image.depth() == CV_8U) bytes = opencv_encode(".png", bgr, {});
  if (bytes.empty()) throw Failure(ErrorCode::internal, "A picture could not be encoded as PNG.");
  return bytes;
}

std::vector<uint8_t> encode_webp(const cv::Mat& image, int quality) {
  cv::Mat bgr;
  if (image.type() == CV_8UC3) cv::cvtColor(image, bgr, cv::COLOR_RGB2BGR);
  std::vector<uint8_t> bytes;
  if (!bgr.empty()) bytes = opencv_encode(".webp", bgr, {cv::IMWRITE_WEBP_QUALITY, quality});
  if (bytes.empty()) throw Failure(ErrorCode::internal, "A picture could not be encoded as WebP.");
  return bytes;
}

}  // namespace swiftavatar
