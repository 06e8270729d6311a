#include "image/decode.h"

#include <algorithm>
#include <new>

#include <opencv2/imgproc.hpp>

#include "base/text.h"
#include "image/byte_reader.h"
#include "image/codecs.h"
#include "image/color_profile.h"
#include "image/probe.h"

namespace swiftavatar {

namespace {

/// RGB of any stored picture, and its alpha (CV_8UC1) where it has one.
void split_pixels(const cv::Mat& pixels, cv::Mat& rgb, cv::Mat& alpha) {
  switch (pixels.channels()) {
    case 1: cv::cvtColor(pixels, rgb, cv::COLOR_GRAY2RGB); break;
    case 3: rgb = pixels; break;
    default:
      cv::cvtColor(pixels, rgb, cv::COLOR_RGBA2RGB);
      cv::extractChannel(pixels, alpha, 3);
      if (cv::countNonZero(alpha != 255) == 0) alpha.release();
  }
}

/// Colours that were multiplied by alpha, divided by it. Where nothing is seen they do not matter.
void divide_by_alpha(cv::Mat& rgb, const cv::Mat& alpha) {
  for (int y = 0; y < rgb.rows; ++y) {
    auto* pixel = rgb.ptr<cv::Vec3b>(y);
    const auto* opacity = alpha.ptr<uint8_t>(y);
    for (int x = 0; x < rgb.cols; ++x) {
      const int a = opacity[x];
      for (int channel = 0; channel < 3 && a != 0 && a != 255; ++channel)
        pixel[x][channel] = static_cast<uint8_t>(std::min(255, (pixel[x][channel] * 255 + a / 2) / a));
    }
  }
}

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
  auto read = read_picture(bytes, probe);
  if (!read.ok()) return read.error();
  const StoredPicture& stored = read.value();
  DecodedImage image{.rgb = {}, .info = probe.info, .warnings = probe.warnings};
  image.warnings.insert(image.warnings.end(), stored.warnings.begin(), stored.warnings.end());
  cv::Mat alpha;
  split_pixels(stored.pixels, image.rgb, alpha);
  if (stored.premultiplied && !alpha.empty()) divide_by_alpha(image.rgb, alpha);
  const std::vector<uint8_t>& profile = stored.profile.empty() ? probe.profile : stored.profile;
  const bool cmyk = probe.channels == 4;  // its profile speaks of inks, which are gone
  if (!cmyk && !profile.empty() && convert_to_srgb(image.rgb, profile, is_grey(image.rgb)) == ProfileUse::unusable) {
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
  } catch (const EndOfData&) {
    return truncated_error();
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
  const bool known = image.type() == CV_8UC1 || image.type() == CV_8UC3 || image.type() == CV_8UC4;
  std::vector<uint8_t> bytes;
  if (known) bytes = write_png(image);
  if (bytes.empty()) throw Failure(ErrorCode::internal, "A picture could not be encoded as PNG.");
  return bytes;
}

std::vector<uint8_t> encode_webp(const cv::Mat& image, int quality) {
  std::vector<uint8_t> bytes;
  if (image.type() == CV_8UC3) bytes = write_webp(image, quality);
  if (bytes.empty()) throw Failure(ErrorCode::internal, "A picture could not be encoded as WebP.");
  return bytes;
}

}  // namespace swiftavatar
