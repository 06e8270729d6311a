#include "cli/publish.h"

#include <cerrno>
#include <map>

#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using swiftavatar::testing::failure_of;
using swiftavatar::testing::TemporaryFolder;

class PublishTest : public ::testing::Test {
 protected:
  PublishTest() {
    run_.version = "1";
    run_.device = "cpu";
    run_.files = {{"parser", "aa"}};
    run_.engine = "tiny";
    run_.engine_sha256 = "cc";
    run_.options = {{"engine", "tiny"}, {"digest", "dd"}};
  }

  static FaceOutcome face(int index, int count) {
    FaceOutcome outcome;
    outcome.facts.index = index;
    outcome.facts.count = count;
    outcome.facts.face.mesh.resize(kMeshPoints);
    outcome.pictures = {{"avatar", {'p', 'n', 'g', static_cast<uint8_t>('0' + index)}}, {"sheet", {'s'}}};
    return outcome;
  }
  static PhotoOutcome success(int count = 1) {
    PhotoOutcome outcome;
    outcome.input = {"a.jpg", "ee", 4, 3};
    for (int index = 1; index <= count; ++index) outcome.faces.push_back(face(index, count));
    return outcome;
  }
  static PhotoOutcome failure() {
    PhotoOutcome outcome;
    outcome.input = {"a.jpg", "ee", 4, 3};
    outcome.error = Error{ErrorCode::no_face, "a.jpg: no face was found."};
    return outcome;
  }

  std::vector<ordered_json> publish_it(PhotoOutcome outcome, bool all_faces = false) {
    return publish(std::move(outcome), run_, names_, all_faces);
  }
  bool is_finished(bool all_faces = false) const { return finished("ee", run_, names_, all_faces).has_value(); }

  /// Every file of the output folder, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "out")) found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  TemporaryFolder folder_;
  RunFacts run_;
  OutputNames names_{folder_.path() / "out" / "a"};
};

using Files = std::vector<std::string>;

TEST_F(PublishTest, WritesPicturesAndTheJsonThatNamesThem) {
  const auto results = publish_it(success());
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(files(), (Files{"a.avatar.json", "a.avatar.png", "a.sheet.png"}));
  EXPECT_EQ(folder_.read("out/a.avatar.png"), "png1");
  EXPECT_EQ(folder_.read("out/a.avatar.json"), results[0].dump(2) + "\n");
  EXPECT_EQ(results[0]["status"], "ok");
  EXPECT_EQ(results[0]["previews"]["avatar"]["path"], "a.avatar.png");
  EXPECT_EQ(results[0]["previews"]["sheet"]["sha256"],
            "043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89");
}

/// A folder has the name of one of the photo's files, as the first or the last that is written.
TEST_F(PublishTest, AFileThatCannotBeWrittenIsThatPhotosError) {
  for (const char* name : {"a.avatar.png", "a.sheet.png", "a.avatar.json"}) {
    fs::remove_all(folder_.path() / "out");
    fs::create_directories(folder_.path() / "out" / name);
    const auto results = publish_it(success());
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0]["status"], "io_error");
    Files left = {"a.error.json", name};
    std::sort(left.begin(), left.end());
    EXPECT_EQ(files(), left) << "no picture without a JSON";
    EXPECT_EQ(folder_.read("out/a.error.json"), results[0].dump(2) + "\n");
  }
}

TEST_F(PublishTest, APhotoWhoseNameIsTooLongForItsFilesFailsAlone) {
  names_ = OutputNames(folder_.path() / "out" / std::string(246, 'n'));
  for (const PhotoOutcome& outcome : {success(), failure()}) {
    const auto results = publish_it(outcome);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_NE(results[0]["status"], "ok");
    EXPECT_TRUE(files().empty()) << "its error has no file either";
  }
  names_ = OutputNames(folder_.path() / "out" / std::string(244, 'n'));
  EXPECT_EQ(publish_it(success())[0]["status"], "io_error");
  EXPECT_EQ(files(), Files{std::string(244, 'n') + ".error.json"});
}

TEST_F(PublishTest, AFolderBelowTheOutputsThatCannotBeMadeCostsItsPhotosAlone) {
  folder_.write("out/below", "a file in the way");
  names_ = OutputNames(folder_.path() / "out" / "below" / "a", ".avatar.json", folder_.path() / "out");
  EXPECT_EQ(publish_it(success())[0]["status"], "io_error");
  EXPECT_EQ(publish_it(failure())[0]["status"], "no_face");
  EXPECT_EQ(files(), Files{"below"});
}

TEST_F(PublishTest, APhotoOfNoNameHasNoFiles) {
  names_ = OutputNames(folder_.path() / "out" / "", ".avatar.json", folder_.path() / "out");
  EXPECT_EQ(publish_it(failure()).size(), 1u);
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

TEST_F(PublishTest, TheJsonIsWrittenLast) {
  class Recording : public FileSystem {
   public:
    int rename(const fs::path& from, const fs::path& to) override {
      calls.push_back(to.filename());
      return FileSystem::rename(from, to);
    }
    int sync_folder(const fs::path& folder) override {
      calls.push_back("sync folder");
      return FileSystem::sync_folder(folder);
    }
    std::vector<std::string> calls;
  } system;
  publish(success(2), run_, names_, true, system);
  EXPECT_EQ(system.calls, (Files{"a.face1.avatar.png", "a.face1.sheet.png", "a.face2.avatar.png", "a.face2.sheet.png",
                                 "sync folder", "a.face1.avatar.json", "a.face2.avatar.json", "sync folder"}));
}

/// Lets the Nth of the writes, fsyncs, renames and fsyncs of folders fail, once or from then on.
class FailingFiles : public FileSystem {
 public:
  enum class Call { write, sync, rename, sync_folder };
  FailingFiles(Call call, int which, bool for_ever, int error)
      : call_(call), which_(which), for_ever_(for_ever), error_(error) {}

  ssize_t write(int descriptor, std::span<const uint8_t> bytes) override {
    if (!fails(Call::write)) return FileSystem::write(descriptor, bytes);
    if (bytes.size() > 1)
      (void)FileSystem::write(descriptor, bytes.first(bytes.size() / 2));  // as a disk that fills up
    errno = error_;
    return -1;
  }
  int sync(int descriptor) override { return fails(Call::sync) ? -1 : FileSystem::sync(descriptor); }
  int rename(const fs::path& from, const fs::path& to) override {
    return fails(Call::rename) ? -1 : FileSystem::rename(from, to);
  }
  int sync_folder(const fs::path& folder) override {
    return fails(Call::sync_folder) ? -1 : FileSystem::sync_folder(folder);
  }

  bool has_failed() const { return count_ >= which_; }

 private:
  bool fails(Call call) {
    if (call != call_) return false;
    ++count_;
    if (count_ < which_ || (count_ > which_ && !for_ever_)) return false;
    errno = error_;
    return true;
  }
  Call call_;
  int which_, count_ = 0;
  bool for_ever_;
  int error_;
};

/// Whatever fails: no name has half a file, no temporary stays, and what is there afterwards can be redone.
TEST_F(PublishTest, AnyCallMayFailAtAnyPlace) {
  const ordered_json good = publish_it(success()).front();
  const std::map<std::string, std::string> whole = {
      {"a.avatar.json", good.dump(2) + "\n"}, {"a.avatar.png", "png1"}, {"a.sheet.png", "s"}};
  using Call = FailingFiles::Call;
  for (const Call call : {Call::write, Call::sync, Call::rename, Call::sync_folder}) {
    for (const bool for_ever : {false, true}) {
      for (const auto& [error, code] : {std::pair{ENOSPC, ErrorCode::disk_full}, {EIO, ErrorCode::output_unwritable}}) {
        int which = 1;
        for (;; ++which) {
          fs::remove_all(folder_.path() / "out");
          FailingFiles system(call, which, for_ever, error);
          SCOPED_TRACE("call " + std::to_string(static_cast<int>(call)) + " number " + std::to_string(which));
          if (which > (call == Call::sync_folder ? 2 : 3)) {
            publish(success(), run_, names_, false, system);
            EXPECT_FALSE(system.has_failed()) << "two pictures and a JSON are three files; after each kind the folder";
            break;
          }
          EXPECT_EQ(failure_of([&] { publish(success(), run_, names_, false, system); }).code, code);
          for (const std::string& name : files()) {
            ASSERT_TRUE(whole.contains(name)) << name;
            EXPECT_EQ(folder_.read("out/" + name), whole.at(name));
          }
          const size_t written = static_cast<size_t>(call == Call::sync_folder ? which + 1 : which - 1);
          EXPECT_EQ(files().size(), written) << "nothing is written after the first failure";
          EXPECT_EQ(is_finished(), written == 3);
        }
      }
    }
  }
}

TEST_F(PublishTest, AFailureIsAnErrorFile) {
  const auto results = publish_it(failure());
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0]["status"], "no_face");
  EXPECT_EQ(files(), Files{"a.error.json"});
  EXPECT_EQ(folder_.read("out/a.error.json"), results[0].dump(2) + "\n");
}

TEST_F(PublishTest, AnErrorThatIsMendedIsRemoved) {
  publish_it(failure());
  publish_it(success());
  EXPECT_EQ(files(), (Files{"a.avatar.json", "a.avatar.png", "a.sheet.png"}));
}

TEST_F(PublishTest, AnAvatarThatNoLongerHoldsIsRemovedWithItsPictures) {
  publish_it(success());
  folder_.write("out/a.txt", "the user's own");
  publish_it(failure());
  EXPECT_EQ(files(), (Files{"a.error.json", "a.txt"}));
}

TEST_F(PublishTest, AFailureRemovesNumberedFacesToo) {
  publish_it(success(2), true);
  publish_it(failure(), true);
  EXPECT_EQ(files(), Files{"a.error.json"});
}

TEST_F(PublishTest, FilesOfTheSameNameThatAreNotOursAreKept) {
  folder_.write("out/a.avatar.json", "{\"mine\": true}");
  folder_.write("out/a.avatar.png", "mine");
  publish_it(failure());
  EXPECT_EQ(files(), (Files{"a.avatar.json", "a.avatar.png", "a.error.json"}));
}

TEST_F(PublishTest, AllFacesAreNumberedByTheirIndex) {
  const auto results = publish_it(success(2), true);
  EXPECT_EQ(results.size(), 2u);
  EXPECT_EQ(files(), (Files{"a.face1.avatar.json", "a.face1.avatar.png", "a.face1.sheet.png", "a.face2.avatar.json",
                            "a.face2.avatar.png", "a.face2.sheet.png"}));
  EXPECT_EQ(folder_.read("out/a.face2.avatar.png"), "png2");
  EXPECT_EQ(results[1]["previews"]["avatar"]["path"], "a.face2.avatar.png");
}

TEST_F(PublishTest, PicturesOfAFaceMayComeBeforeItsPhoto) {
  PhotoOutcome outcome = success(2);
  publish_pictures(outcome.faces[1], names_, 2);
  EXPECT_EQ(files(), (Files{"a.face2.avatar.png", "a.face2.sheet.png"}));
  EXPECT_TRUE(outcome.faces[1].pictures.empty()) << "they are let go";
  EXPECT_FALSE(is_finished(true));
  const auto results = publish_it(std::move(outcome), true);
  EXPECT_EQ(results[1]["previews"]["avatar"]["path"], "a.face2.avatar.png");
  EXPECT_TRUE(is_finished(true));
}

TEST_F(PublishTest, PicturesOfAPhotoThatFailedAfterwardsAreRemoved) {
  PhotoOutcome outcome = success(2);
  publish_pictures(outcome.faces[0], names_, 1);
  outcome.faces[1] = {};
  outcome.error = Error{ErrorCode::out_of_memory, "a.jpg: not enough memory."};
  publish_it(std::move(outcome), true);
  EXPECT_EQ(files(), Files{"a.error.json"});
}

TEST_F(PublishTest, FacesThatAreNoLongerFoundAreRemoved) {
  publish_it(success(3), true);
  publish_it(success(1), true);
  EXPECT_EQ(files(), (Files{"a.face1.avatar.json", "a.face1.avatar.png", "a.face1.sheet.png"}));
}

TEST_F(PublishTest, AFolderThatCannotBeMadeEndsTheRun) {
  folder_.write("out", "a file in the way");
  EXPECT_EQ(failure_of([&] { publish_it(success()); }).code, ErrorCode::output_unwritable);
  EXPECT_EQ(failure_of([&] { publish_it(failure()); }).code, ErrorCode::output_unwritable);
}

TEST_F(PublishTest, FinishedGivesBackWhatWasWritten) {
  EXPECT_FALSE(is_finished());
  const auto results = publish_it(success());
  const auto found = finished("ee", run_, names_, false);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, results);
}

TEST_F(PublishTest, AnotherPhotoModelEngineOrOptionIsNotFinished) {
  publish_it(success());
  EXPECT_FALSE(finished("ef", run_, names_, false)) << "photo";
  RunFacts other = run_;
  other.files["parser"] = "ab";
  EXPECT_FALSE(finished("ee", other, names_, false)) << "a model's file";
  other = run_;
  other.files["inverter"] = "aa";
  EXPECT_FALSE(finished("ee", other, names_, false)) << "one more model";
  other = run_;
  other.engine_sha256 = "cd";
  EXPECT_FALSE(finished("ee", other, names_, false)) << "engine";
  other = run_;
  other.options["digest"] = "de";
  EXPECT_FALSE(finished("ee", other, names_, false)) << "options";
  EXPECT_FALSE(finished("ee", run_, names_, true)) << "all faces are other files";
}

TEST_F(PublishTest, AnotherDeviceOrVersionIsFinished) {
  publish_it(success());
  run_.device = "cuda:0";
  run_.version = "2";
  EXPECT_TRUE(is_finished());
}

TEST_F(PublishTest, AFailureIsTriedAgain) {
  publish_it(failure());
  EXPECT_FALSE(is_finished());
}

TEST_F(PublishTest, APictureThatIsGoneOrChangedIsNotFinished) {
  publish_it(success());
  folder_.write("out/a.avatar.png", "png2");
  EXPECT_FALSE(is_finished());
  folder_.write("out/a.avatar.png", "png1");
  EXPECT_TRUE(is_finished());
  fs::remove(folder_.path() / "out/a.sheet.png");
  EXPECT_FALSE(is_finished());
}

TEST_F(PublishTest, AJsonThatIsDamagedIsNotFinished) {
  publish_it(success());
  const std::string text = folder_.read("out/a.avatar.json");
  const auto with = [&](const std::string& pointer, const std::string& value) {
    ordered_json json = ordered_json::parse(text);
    json[ordered_json::json_pointer(pointer)] = ordered_json::parse(value);
    return json.dump();
  };
  for (const std::string& damaged :
       {text.substr(0, text.size() / 2), std::string("[]"), std::string("{}"),
        with("/schema", "\"swiftavatar.result/9\""), with("/status", "null"), with("/previews", "null"),
        with("/previews", "[1]"), with("/previews/avatar", "3"),
        with("/previews/avatar/path", "\"../out/a.avatar.png\""), with("/previews/avatar/path", "7"),
        with("/previews/avatar/sha256", "null"), with("/models", "\"none\""), with("/options", "3")}) {
    folder_.write("out/a.avatar.json", damaged);
    EXPECT_FALSE(is_finished()) << damaged.substr(0, 60);
  }
  folder_.write("out/a.avatar.json", text);
  EXPECT_TRUE(is_finished());
}

TEST_F(PublishTest, AFaceOfAnotherNumberIsNotFinished) {
  publish_it(success(2), true);
  ordered_json json = ordered_json::parse(folder_.read("out/a.face2.avatar.json"));
  for (const ordered_json& index : {ordered_json(1), ordered_json("2"), ordered_json(), ordered_json::object()}) {
    json["face"]["index"] = index;
    folder_.write("out/a.face2.avatar.json", json.dump());
    EXPECT_FALSE(is_finished(true)) << index;
  }
}

TEST_F(PublishTest, AResultThatWasCopiedForAnotherPhotoIsNotFinished) {
  publish_it(success());
  for (const char* suffix : {".avatar.json", ".avatar.png"}) {
    folder_.write(std::string("out/b") + suffix, folder_.read(std::string("out/a") + suffix));
  }
  EXPECT_FALSE(finished("ee", run_, OutputNames(folder_.path() / "out" / "b"), false));
}

TEST_F(PublishTest, AllFacesMustBeThere) {
  const auto results = publish_it(success(2), true);
  const auto found = finished("ee", run_, names_, true);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, results);
  fs::remove(folder_.path() / "out/a.face2.avatar.json");
  EXPECT_FALSE(is_finished(true));
}

TEST_F(PublishTest, APhotoWhoseNameIsNoUtf8IsFinishedToo) {
  names_ = OutputNames(folder_.path() / "out" / "caf\xe9");
  publish_it(success());
  EXPECT_TRUE(is_finished());
  EXPECT_TRUE(folder_.has("out/caf\xe9.avatar.png"));
  fs::remove(folder_.path() / "out/caf\xe9.avatar.png");
  EXPECT_FALSE(is_finished());
}

}  // namespace
}  // namespace swiftavatar::cli
