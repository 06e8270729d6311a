#pragma once
// Engines that the tests of this layer use.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "swiftavatar/avatar.h"

namespace swiftavatar::testing {

inline std::filesystem::path source_dir() { return SWIFTAVATAR_SOURCE_DIR; }
inline std::filesystem::path tiny_dir() { return source_dir() / "tests" / "data" / "engines" / "tiny"; }

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline Engine tiny() { return Engine::open(tiny_dir() / "definition.json", "tiny").value(); }

/// The tiny definition with one value replaced or (with null) removed, at a JSON pointer.
inline std::string tiny_with(const std::string& pointer, const std::string& value) {
  auto json = nlohmann::ordered_json::parse(read_file(tiny_dir() / "definition.json"));
  const nlohmann::ordered_json::json_pointer where(pointer);
  if (value.empty())
    json.at(where.parent_pointer()).erase(where.back());
  else
    json[where] = nlohmann::ordered_json::parse(value);
  return json.dump();
}

/// RGBA at a pixel of a CV_8UC4 picture.
inline cv::Vec4i pixel(const cv::Mat& image, int x, int y) { return cv::Vec4i(image.at<cv::Vec4b>(y, x)); }

}  // namespace swiftavatar::testing
