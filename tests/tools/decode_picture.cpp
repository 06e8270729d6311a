// Decodes pictures as the program does, for tests that compare pixels:
//
//     decode_picture FOLDER FILE...
//
// writes FOLDER/NAME.ppm for each file that can be read, and prints a line of JSON for each:
// {"file", "warnings", "milliseconds"} or {"file", "code", "message"}. With DECODER=PROGRAM another decoder is asked.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "swiftavatar/image.h"

using namespace swiftavatar;
namespace fs = std::filesystem;

namespace {

std::vector<uint8_t> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_ppm(const cv::Mat& rgb, const fs::path& path) {
  std::ofstream file(path, std::ios::binary);
  file << "P6\n" << rgb.cols << ' ' << rgb.rows << "\n255\n";
  for (int y = 0; y < rgb.rows; ++y) file.write(rgb.ptr<char>(y), static_cast<std::streamsize>(rgb.cols) * 3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  DecoderOptions options;
  if (const char* other = std::getenv("DECODER")) options.program = other;
  const PhotoDecoder decoder(options);
  for (int i = 2; i < argc; ++i) {
    const fs::path path = argv[i];
    const std::vector<uint8_t> bytes = read(path);
    const auto start = std::chrono::steady_clock::now();
    const auto image = decoder.decode(bytes, path.filename().string());
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    nlohmann::json line = {{"file", path.filename().string()}};
    if (image.ok()) {
      line["warnings"] = image.value().warnings;
      line["milliseconds"] = time.count();
      write_ppm(image.value().rgb, fs::path(argv[1]) / (path.filename().string() + ".ppm"));
    } else {
      line["code"] = to_string(image.error().code);
      line["message"] = image.error().message;
    }
    std::cout << line.dump() << '\n';
  }
  return 0;
}
