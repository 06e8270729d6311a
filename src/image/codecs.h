#pragma once
// OpenCV's decoders and encoders. They lie in a late library: with them come GDAL and a hundred other libraries.
// Internal to this layer and those above: photos go through decode_image.

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

/// cv::imdecode: `bytes` is one row of CV_8UC1, `flags` are cv::ImreadModes; empty where OpenCV cannot read the bytes.
/// Throws Failure internal where the library is missing, and cv::Exception.
cv::Mat opencv_decode(const cv::Mat& bytes, int flags);

/// cv::imencode: the file's bytes for an image in BGR or BGRA order, or grey; `suffix` (".png") names the format,
/// `parameters` are pairs of cv::ImwriteFlags and values. Empty where it cannot be encoded. Throws as opencv_decode.
std::vector<uint8_t> opencv_encode(const std::string& suffix, const cv::Mat& image, const std::vector<int>& parameters);

/// The same in libswiftavatar-codecs.so.
extern "C" {
decltype(opencv_decode) swiftavatar_opencv_decode;
decltype(opencv_encode) swiftavatar_opencv_encode;
}

}  // namespace swiftavatar
