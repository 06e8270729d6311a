// The program's own landmarks of many photos: what training reads, so that it learns on what users' photos will give.
//
//   face_landmarks BUNDLE PHOTO... >landmarks.jsonl
//
// A line: {"file": the photo's name, "mesh": [[x, y], …]} with kMeshPoints points of the largest face, in pixels of the
// upright photo; "mesh" is null where no face is found or the photo cannot be read.

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "swiftavatar/image.h"
#include "swiftavatar/model.h"

namespace {

using namespace swiftavatar;

nlohmann::json largest_mesh(const FaceDetector& detector, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  const auto photo = decode_image(bytes, path.string());
  if (!photo.ok()) return nullptr;
  const std::vector<Face> faces = detector.detect(photo.value().rgb, FaceSearch::largest);
  if (faces.empty()) return nullptr;
  nlohmann::json points = nlohmann::json::array();
  for (const cv::Point2f& point : faces.front().mesh) {
    points.push_back({std::round(point.x * 100.0) / 100.0, std::round(point.y * 100.0) / 100.0});
  }
  return points;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) throw std::runtime_error("usage: face_landmarks BUNDLE PHOTO...");
    const auto detector = load_detector(Bundle::open(argv[1]).value(), resolve_device("cpu").value());
    for (int i = 2; i < argc; ++i) {
      const std::filesystem::path path = argv[i];
      std::cout << nlohmann::json{{"file", path.filename().string()}, {"mesh", largest_mesh(*detector, path)}}.dump()
                << '\n';
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "face_landmarks: " << error.what() << '\n';
    return 1;
  }
}
