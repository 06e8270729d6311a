#pragma once
// A bundle in a temporary folder, its networks written in TorchScript by the test itself.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/script.h>

#include "base/sha256.h"
#include "failure_of.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

using testing::failure_of;

class BundleFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::path(::testing::TempDir()) /
           ("bundle-" + std::string(test->test_suite_name()) + "-" + test->name() + "-" + std::to_string(::getpid()));
    std::filesystem::create_directories(dir_);
    manifest_ = {{"schema", "swiftavatar.bundle/1"}, {"name", "test"}, {"models", nlohmann::json::object()}};
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  /// Compiles `source` (methods of a module) to FILE and lists it in the manifest under `role`, joined with `spec`.
  void add_network(const std::string& role, const std::string& file, const std::string& source,
                   nlohmann::json spec = nlohmann::json::object()) {
    torch::jit::Module module("Fixture");
    module.define(source);
    module.save((dir_ / file).string());
    spec["file"] = file;
    spec["sha256"] = sha256_hex(read(dir_ / file));
    spec["licence"] = "Apache-2.0";
    manifest_["models"][role] = spec;
  }

  Result<Bundle> open_bundle() {
    write(dir_ / "manifest.json", manifest_.dump());
    return Bundle::open(dir_);
  }

  static std::vector<char> read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  std::filesystem::path dir_;
  nlohmann::json manifest_;
};

/// A square picture input or output of the manifest.
inline nlohmann::json picture_list(int size) {
  return nlohmann::json::array({{{"name", "image"}, {"shape", {"N", 3, size, size}}}});
}

}  // namespace swiftavatar
