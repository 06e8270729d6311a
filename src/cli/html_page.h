#pragma once
// HTML pages of one file: the sources of src/cli/pages with data and pictures inside, and nothing to load.

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar::cli {

/// A page as it lies in src/cli/pages; the build puts the files into the program (cmake/EmbedPages.cmake).
struct PageSource {
  std::string_view html, style, script;
};

extern const PageSource kReportPage, kStudyPage;

/// The finished page. The script finds `data` as JSON in the element with the id "data". What strings hold cannot
/// become markup, and the page's policy lets no script run but its own, and nothing be loaded. Bytes that are no UTF-8
/// become U+FFFD.
std::string make_page(const PageSource& source, const nlohmann::ordered_json& data);

/// Text of at most `length` bytes and three dots: what comes from files may be of any length.
std::string clipped(std::string_view text, size_t length);

/// The upright pixels (RGB) of a picture file, whatever its format. Errors: as read_file and PhotoDecoder.
Result<cv::Mat> read_picture(const std::filesystem::path& file);

/// A picture of at most `size` pixels a side, never enlarged, as a data: URI.
std::string picture_uri(const cv::Mat& rgb, int size);

}  // namespace swiftavatar::cli
