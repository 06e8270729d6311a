#include "cli/inputs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "temporary_folder.h"

namespace swiftavatar::cli {
namespace {

namespace fs = std::filesystem;
using swiftavatar::testing::contains;
using swiftavatar::testing::failure_of;
using swiftavatar::testing::TemporaryFolder;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Photos (below the folder) and the stems of their outputs.
Pairs collect(const TemporaryFolder& folder, const InputOptions& options) {
  Pairs pairs;
  for (const Item& item : collect_items(options, "out")) {
    const std::string root = folder.path().string() + "/";
    pairs.emplace_back(item.path.starts_with(root) ? item.path.substr(root.size()) : item.path, item.stem.string());
  }
  return pairs;
}

InputOptions photos(const std::vector<std::string>& paths, bool recursive = false) {
  InputOptions options;
  options.photos = paths;
  options.recursive = recursive;
  return options;
}

TEST(CollectItems, AFolderGivesItsPicturesSorted) {
  const TemporaryFolder folder;
  for (const char* name : {"b.jpg", "a.JPEG", "c.heic", "notes.txt", ".hidden.jpg", "deep/d.jpg"}) folder.write(name);
  EXPECT_EQ(collect(folder, photos({folder.path()})),
            (Pairs{{"a.JPEG", "out/a"}, {"b.jpg", "out/b"}, {"c.heic", "out/c"}}));
}

TEST(CollectItems, EverySuffixThatTheDecoderKnowsIsAPhotos) {
  const TemporaryFolder folder;
  Pairs wanted;
  for (const char* suffix : {"JPE", "apng", "avif", "bmp", "dib", "heic", "heif", "hif", "jfif", "jpe", "jpeg", "jpg",
                             "mpo", "png", "tif", "tiff", "webp"}) {
    folder.write(std::string(suffix) + "." + suffix);
    wanted.emplace_back(std::string(suffix) + "." + suffix, std::string("out/") + suffix);
  }
  EXPECT_EQ(collect(folder, photos({folder.path()})), wanted);
}

TEST(CollectItems, CountsWhatAFolderHasThatIsNoPicture) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "a.txt", "b.TXT", "c.pdf", "noend", "x.a long end", ".hidden", "a.avatar.json",
                           "a.error.json", "a.sheet.png", "a.codes.npy", "deep/d.txt"}) {
    folder.write(name);
  }
  LeftOut left_out;
  EXPECT_EQ(collect_items(photos({folder.path()}), "out", &left_out).size(), 1u);
  EXPECT_EQ(left_out, (LeftOut{{"", 1}, {".a long end", 1}, {".pdf", 1}, {".txt", 2}}));
  EXPECT_EQ(text_of(left_out), "5 files that are no pictures (.txt 2, no suffix 1, .pdf 1, others 1)");
  EXPECT_EQ(text_of({{".txt", 1}}), "1 file that is no picture (.txt 1)");
  collect_items(photos({folder.path()}, true), "out", &left_out);
  EXPECT_EQ(left_out[".txt"], 3u);
  collect_items(photos({(folder.path() / "a.txt").string()}), "out", &left_out);
  EXPECT_TRUE(left_out.empty()) << "a file that is named is tried";
}

TEST(CollectItems, ANameThatNoFileHasIsAnItem) {
  const auto items = collect_items(photos({"", "", std::string("a\0b", 3)}), "out");
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].path, "");
  EXPECT_FALSE(OutputNames(items[0].stem).exist());
  EXPECT_EQ(items[1].path, std::string("a\0b", 3));
}

TEST(CollectItems, TheCurrentFolderMayBeGone) {
  const fs::path before = fs::current_path();
  {
    const TemporaryFolder folder;
    fs::current_path(folder.path());
  }
  const size_t count = collect_items(photos({"a.jpg", "../b.jpg"}), "out").size();
  fs::current_path(before);
  EXPECT_EQ(count, 2u);
}

TEST(CollectItems, RecursiveKeepsTheTree) {
  const TemporaryFolder folder;
  for (const char* name : {"in/a.jpg", "in/x/a.jpg", "in/x/y/a.jpg"}) folder.write(name);
  const Pairs wanted = {{"in/a.jpg", "out/a"}, {"in/x/a.jpg", "out/x/a"}, {"in/x/y/a.jpg", "out/x/y/a"}};
  EXPECT_EQ(collect(folder, photos({folder.path() / "in"}, true)), wanted);
  EXPECT_EQ(collect(folder, photos({(folder.path() / "in").string() + "/"}, true)), wanted);
}

TEST(CollectItems, ItsOwnPicturesAreNoPhotos) {
  const TemporaryFolder folder;
  for (const char* name :
       {"a.jpg", "a.avatar.png", "a.face.png", "a.domain.PNG", "a.face2.sheet.png", "my.avatar.jpg", "b.me.png"}) {
    folder.write(name);
  }
  EXPECT_EQ(collect(folder, photos({folder.path()})),
            (Pairs{{"a.jpg", "out/a"}, {"b.me.png", "out/b.me"}, {"my.avatar.jpg", "out/my.avatar"}}));
  EXPECT_EQ(collect(folder, photos({folder.path() / "a.avatar.png"})), (Pairs{{"a.avatar.png", "out/a.avatar"}}))
      << "who names one means it";
}

TEST(CollectItems, OnlyRegularFilesOfAFolderArePhotos) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "album.jpg");
  ASSERT_EQ(mkfifo((folder.path() / "pipe.jpg").c_str(), 0600), 0);
  folder.write("a.jpg");
  EXPECT_EQ(collect(folder, photos({folder.path()})), (Pairs{{"a.jpg", "out/a"}}));
}

TEST(CollectItems, NamedPhotosStandInTheirOrder) {
  const TemporaryFolder folder;
  const std::string b = folder.write("b.jpg"), a = folder.write("x/a.png");
  EXPECT_EQ(collect(folder, photos({b, a})), (Pairs{{"b.jpg", "out/b"}, {"x/a.png", "out/a"}}));
}

TEST(CollectItems, APathThatDoesNotExistStaysAnItem) {
  const TemporaryFolder folder;
  EXPECT_EQ(collect(folder, photos({folder.path() / "gone.jpg"})), (Pairs{{"gone.jpg", "out/gone"}}));
}

TEST(CollectItems, AFolderThatDoesNotExistFailsUnderItsName) {
  const TemporaryFolder folder;
  EXPECT_EQ(collect(folder, photos({(folder.path() / "gone").string() + "/"})), (Pairs{{"gone/", "out/gone"}}));
}

TEST(CollectItems, TheSamePhotoNamedTwiceIsOneItem) {
  const TemporaryFolder folder;
  const std::string photo = folder.write("in/a.jpg");
  const std::string detour = (folder.path() / "in/../in/./a.jpg").string();
  EXPECT_EQ(collect(folder, photos({photo, detour, folder.path() / "in"})), (Pairs{{"in/a.jpg", "out/a"}}));
  EXPECT_EQ(collect_items(photos({"-", "-"}), "out").size(), 1u);
}

TEST(CollectItems, TwoPhotosThatWouldWriteTheSameFilesAreRefusedByName) {
  const TemporaryFolder folder;
  const std::string one = folder.write("a.jpg"), two = folder.write("a.png"), three = folder.write("x/a.jpg");
  for (const std::vector<std::string>& paths : {std::vector{one, two}, std::vector{one, three}}) {
    const Error error = failure_of([&] { collect_items(photos(paths), "out"); });
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_TRUE(contains(error.message, paths[0])) << error.message;
    EXPECT_TRUE(contains(error.message, paths[1])) << error.message;
    EXPECT_TRUE(contains(error.message, "out/a.avatar.json")) << error.message;
  }
}

TEST(CollectItems, StandardInputIsNamedStdin) {
  const auto items = collect_items(photos({"-"}), "out");
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].path, "-");
  EXPECT_EQ(items[0].stem, "out/stdin");
  EXPECT_EQ(failure_of([] { collect_items(photos({"-", "stdin.jpg"}), "out"); }).code, ErrorCode::usage);
}

TEST(CollectItems, NoPhotoAtAllIsRefusedButAnEmptyFolderIsNot) {
  EXPECT_EQ(failure_of([] { collect_items({}, "out"); }).code, ErrorCode::usage);
  const TemporaryFolder folder;
  EXPECT_TRUE(collect_items(photos({folder.path()}), "out").empty());
}

InputOptions list(const std::string& file, bool nul = false) {
  InputOptions options;
  options.files_from = file;
  options.nul = nul;
  return options;
}

TEST(FilesFrom, PathsStandOneALineAfterTheNamedOnes) {
  const TemporaryFolder folder;
  InputOptions options = list(folder.write("list.txt", "b.jpg\n\nsome folder/c.jpg"));
  options.photos = {"a.jpg"};
  EXPECT_EQ(collect(folder, options), (Pairs{{"a.jpg", "out/a"}, {"b.jpg", "out/b"}, {"some folder/c.jpg", "out/c"}}));
}

TEST(FilesFrom, WithNulALineFeedIsPartOfAName) {
  const TemporaryFolder folder;
  const std::string file = folder.write("list", std::string("new\nline.jpg\0b.jpg\0", 19));
  EXPECT_EQ(collect(folder, list(file, true)), (Pairs{{"new\nline.jpg", "out/new\nline"}, {"b.jpg", "out/b"}}));
}

TEST(FilesFrom, FoldersMayBeListed) {
  const TemporaryFolder folder;
  folder.write("in/a.jpg");
  EXPECT_EQ(collect(folder, list(folder.write("list", folder.path().string() + "/in\n"))),
            (Pairs{{"in/a.jpg", "out/a"}}));
}

TEST(FilesFrom, AnEmptyListIsNothingToDo) {
  const TemporaryFolder folder;
  EXPECT_TRUE(collect_items(list(folder.write("list", "\n")), "out").empty());
}

TEST(FilesFrom, AListThatCannotBeReadIsAWrongCommand) {
  const TemporaryFolder folder;
  const Error error = failure_of([&] { collect_items(list(folder.path() / "gone"), "out"); });
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_TRUE(contains(error.message, "--files-from ")) << error.message;
}

TEST(FilesFrom, StandardInputIsReadOnce) {
  InputOptions options = list("-");
  options.photos = {"-"};
  EXPECT_TRUE(contains(failure_of([&] { collect_items(options, "out"); }).message, "cannot be both"));
}

TEST(FilesFrom, StandardInputMayHoldTheList) {
  const TemporaryFolder folder;
  const int saved = dup(STDIN_FILENO), file = open(folder.write("list", "a.jpg\nb.jpg\n").c_str(), O_RDONLY);
  ASSERT_EQ(dup2(file, STDIN_FILENO), STDIN_FILENO);
  const Pairs pairs = collect(folder, list("-"));
  dup2(saved, STDIN_FILENO);
  close(saved);
  close(file);
  EXPECT_EQ(pairs, (Pairs{{"a.jpg", "out/a"}, {"b.jpg", "out/b"}}));
}

std::vector<std::string> paths(const std::vector<Item>& items) {
  std::vector<std::string> paths;
  for (const Item& item : items) paths.push_back(item.path);
  return paths;
}

TEST(Shard, TogetherTheyAreAllAndNoPhotoIsInTwo) {
  std::vector<Item> items;
  for (const char* name : {"g", "b", "e", "a", "f", "c", "d"}) items.push_back({std::string(name) + ".jpg", name});
  std::vector<std::string> all;
  for (size_t index = 1; index <= 3; ++index) {
    const auto part = paths(items_of_shard(items, {index, 3}));
    EXPECT_GE(part.size(), 2u);
    EXPECT_LE(part.size(), 3u);
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (std::vector<std::string>{"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg"}));
}

TEST(Shard, IsTheSameHoweverTheListIsOrderedAndKeepsThatOrder) {
  const std::vector<Item> one = {{"x/c.jpg", "c"}, {"x/a.jpg", "a"}, {"x/b.jpg", "b"}};
  const std::vector<Item> other = {{"y/a.jpg", "a"}, {"y/b.jpg", "b"}, {"y/c.jpg", "c"}};
  EXPECT_EQ(paths(items_of_shard(one, {1, 2})), (std::vector<std::string>{"x/c.jpg", "x/a.jpg"}));
  EXPECT_EQ(paths(items_of_shard(other, {1, 2})), (std::vector<std::string>{"y/a.jpg", "y/c.jpg"}));
}

TEST(Shard, MayBeEmpty) {
  EXPECT_TRUE(items_of_shard({{"a.jpg", "a"}}, {2, 2}).empty());
  EXPECT_TRUE(items_of_shard({}, {1, 1}).empty());
}

TEST(Shard, IsReadFromItsText) {
  EXPECT_EQ(parse_shard("3/8").text(), "3/8");
  EXPECT_EQ(parse_shard("1/1").text(), "1/1");
  for (const char* wrong :
       {"", "1", "1/", "/2", "0/2", "3/2", "-1/2", "1/2/3", "1 /2", "a/b", "1/1000001", "1/99999999999999999999"}) {
    EXPECT_EQ(failure_of([&] { parse_shard(wrong); }).code, ErrorCode::usage) << wrong;
  }
}

TEST(OutputNames, StandBesideEachOtherUnderTheStem) {
  const OutputNames names("out/my.photo");
  EXPECT_EQ(names.json(0), "out/my.photo.avatar.json");
  EXPECT_EQ(names.picture("sheet", 0), "out/my.photo.sheet.png");
  EXPECT_EQ(names.error(), "out/my.photo.error.json");
}

TEST(OutputNames, SeveralFacesAreNumbered) {
  const OutputNames names("out/a");
  EXPECT_EQ(names.json(2), "out/a.face2.avatar.json");
  EXPECT_EQ(names.picture("face", 2), "out/a.face2.face.png");
}

TEST(OutputNames, AJsonThatWasNamedKeepsItsName) {
  const OutputNames names("out/a", ".json");
  EXPECT_EQ(names.json(0), "out/a.json");
  EXPECT_EQ(names.json(1), "out/a.face1.json");
  EXPECT_EQ(names.picture("avatar", 0), "out/a.avatar.png");
}

}  // namespace
}  // namespace swiftavatar::cli
