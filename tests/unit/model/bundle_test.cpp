#include "model/bundle_fixture.h"

namespace swiftavatar {
namespace {

constexpr char kSameSource[] = "def forward(self, x: Tensor) -> Tensor:\n  return x\n";

class BundleTest : public BundleFixture {
 protected:
  void expect_refused(ErrorCode code, const std::string& part_of_message) {
    const Result<Bundle> bundle = open_bundle();
    ASSERT_FALSE(bundle.ok());
    EXPECT_EQ(bundle.error().code, code);
    EXPECT_NE(bundle.error().message.find(part_of_message), std::string::npos) << bundle.error().message;
    EXPECT_NE(bundle.error().message.find("manifest.json"), std::string::npos) << bundle.error().message;
  }
};

TEST_F(BundleTest, ReadsEntriesAndVerifiedBytes) {
  add_network("parser", "parser.pt", kSameSource, {{"inputs", picture_list(64)}});
  const Bundle bundle = open_bundle().value();
  EXPECT_EQ(bundle.name(), "test");
  EXPECT_TRUE(bundle.has("parser"));
  const ModelEntry entry = bundle.entry("parser").value();
  EXPECT_EQ(entry.licence, "Apache-2.0");
  const std::vector<char> file = read(dir_ / "parser.pt");
  EXPECT_EQ(Bundle::read_verified(entry).value(), std::vector<uint8_t>(file.begin(), file.end()));
  EXPECT_EQ(bundle.entry("mesh").error().code, ErrorCode::model_missing);
}

TEST_F(BundleTest, RefusesAMissingFile) {
  add_network("parser", "parser.pt", kSameSource);
  const Bundle bundle = open_bundle().value();
  std::filesystem::remove(dir_ / "parser.pt");
  const Error error = Bundle::read_verified(bundle.entry("parser").value()).error();
  EXPECT_EQ(error.code, ErrorCode::model_missing);
  EXPECT_NE(error.message.find("parser.pt"), std::string::npos);
}

TEST_F(BundleTest, RefusesAFolderInTheFilesPlace) {
  add_network("parser", "parser.pt", kSameSource);
  const Bundle bundle = open_bundle().value();
  std::filesystem::remove(dir_ / "parser.pt");
  std::filesystem::create_directory(dir_ / "parser.pt");
  const Error error = Bundle::read_verified(bundle.entry("parser").value()).error();
  EXPECT_EQ(error.code, ErrorCode::model_missing);
  EXPECT_NE(error.message.find("it is a folder"), std::string::npos) << error.message;
  std::filesystem::remove(dir_ / "manifest.json");
  std::filesystem::create_directory(dir_ / "manifest.json");
  EXPECT_EQ(Bundle::open(dir_).error().code, ErrorCode::model_missing);
}

TEST_F(BundleTest, RefusesTruncatedFlippedAndSwappedFilesNamingBothHashes) {
  add_network("parser", "parser.pt", kSameSource);
  add_network("mesh", "mesh.pt", "def forward(self, x: Tensor) -> Tensor:\n  return x + 1\n");
  const Bundle bundle = open_bundle().value();
  const ModelEntry entry = bundle.entry("parser").value();
  const std::vector<char> good = read(entry.path);

  std::vector<char> flipped = good;
  flipped[good.size() / 2] ^= 1;
  const std::vector<char> truncated(good.begin(), good.end() - 100);
  for (const std::vector<char>& bad : {flipped, truncated, read(dir_ / "mesh.pt"), std::vector<char>()}) {
    write(entry.path, {bad.data(), bad.size()});
    const Error error = Bundle::read_verified(entry).error();
    EXPECT_EQ(error.code, ErrorCode::model_corrupt);
    for (const std::string& part : {entry.path.string(), entry.sha256.substr(0, 12), sha256_hex(bad).substr(0, 12)}) {
      EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
    }
    EXPECT_EQ(failure_of([&] { load_parser(bundle, Device{}); }).code, ErrorCode::model_corrupt);
  }
}

TEST_F(BundleTest, TakesMissingRolesAndSettingsFromTheBundleItExtends) {
  add_network("parser", "parser.pt", kSameSource);
  manifest_["crop"] = 1.18;
  open_bundle().value();
  const std::filesystem::path child = dir_.parent_path() / (dir_.filename().string() + "-child");
  std::filesystem::create_directories(child);
  write(child / "manifest.json", nlohmann::json{{"schema", "swiftavatar.bundle/1"},
                                                {"name", "child"},
                                                {"extends", dir_.filename().string()},
                                                {"models", nlohmann::json::object()}}
                                     .dump());
  const Bundle bundle = Bundle::open(child).value();
  std::filesystem::remove_all(child);
  EXPECT_EQ(bundle.name(), "child");
  EXPECT_EQ(bundle.manifest()["crop"], 1.18);
  EXPECT_TRUE(Bundle::read_verified(bundle.entry("parser").value()).ok());
}

TEST_F(BundleTest, EndsACircleOfBundles) {
  manifest_["extends"] = dir_.filename().string();
  expect_refused(ErrorCode::model_corrupt, "circle");
}

TEST_F(BundleTest, RefusesManifestsThatAreNotOne) {
  EXPECT_EQ(Bundle::open(dir_ / "nowhere").error().code, ErrorCode::model_missing);
  write(dir_ / "manifest.json", "{\"schema\": ");
  EXPECT_EQ(Bundle::open(dir_).error().code, ErrorCode::model_corrupt);

  manifest_["schema"] = "swiftavatar.bundle/9";
  expect_refused(ErrorCode::model_corrupt, "swiftavatar.bundle/1");
  manifest_["schema"] = "swiftavatar.bundle/1";
  manifest_["models"]["parser"] = {{"file", "../parser.pt"}, {"sha256", std::string(64, '0')}};
  expect_refused(ErrorCode::model_corrupt, "models.parser.file");
  manifest_["models"]["parser"] = {{"file", "parser.pt"}, {"sha256", "1234"}};
  expect_refused(ErrorCode::model_corrupt, "models.parser.sha256");
}

TEST_F(BundleTest, RefusesBytesThatAreNoNetworkWithoutTorchsOwnText) {
  write(dir_ / "parser.pt", "this is not a network");
  manifest_["models"]["parser"] = {
      {"file", "parser.pt"}, {"sha256", sha256_hex(read(dir_ / "parser.pt"))}, {"inputs", picture_list(64)}};
  const Bundle bundle = open_bundle().value();
  const Error error = failure_of([&] { load_parser(bundle, Device{}); });
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_NE(error.message.find("parser.pt"), std::string::npos);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
  EXPECT_EQ(error.message.find("PytorchStreamReader"), std::string::npos);
}

TEST(ResolveDevice, KnowsItsNames) {
  EXPECT_EQ(resolve_device("cpu").value().name, "cpu");
  EXPECT_FALSE(resolve_device("cpu").value().fell_back);
  EXPECT_TRUE(resolve_device("auto").ok());
  for (const char* wrong : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", ""}) {
    EXPECT_EQ(resolve_device(wrong).error().code, ErrorCode::usage) << wrong;
  }
}

TEST(ResolveDevice, CudaNeverFallsBack) {
  if (!resolve_device("auto").value().fell_back) GTEST_SKIP() << "this machine has a GPU";
  EXPECT_EQ(resolve_device("cuda").error().code, ErrorCode::no_device);
  EXPECT_EQ(resolve_device("cuda:3").error().code, ErrorCode::no_device);
}

}  // namespace
}  // namespace swiftavatar
