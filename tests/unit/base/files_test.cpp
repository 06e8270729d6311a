#include "base/files.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

using testing::get_text;
using testing::put_text;
using testing::TemporaryFolder;
using Names = std::vector<std::string>;

constexpr size_t kNoLimit = size_t{1} << 40;

std::string text_of(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

/// Rights do not bind root, so a test of them runs as nobody until its end.
class WithoutRoot {
 public:
  explicit WithoutRoot(const TemporaryFolder& folder) : user_(::geteuid()) {
    fs::permissions(folder.path(), fs::perms(0755));
    if (user_ == 0 && ::seteuid(65534) != 0) throw std::runtime_error("root stays root");
  }
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;
  ~WithoutRoot() {
    if (user_ == 0 && ::seteuid(0) != 0) std::abort();
  }

 private:
  uid_t user_;
};

std::string code_name(const std::optional<Error>& error) {
  return error ? std::string(to_string(error->code)) : "written";
}

TEST(ReadFile, GivesEveryByte) {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\xFF", 6);
  put_text(folder / "file", text);
  EXPECT_EQ(text_of(read_file(folder / "file", kNoLimit).value()), text);
  put_text(folder / "empty", "");
  EXPECT_TRUE(read_file(folder / "empty", 0).value().empty());
  fs::create_symlink(folder / "file", folder / "link");
  EXPECT_EQ(text_of(read_file(folder / "link", kNoLimit).value()), text);
}

TEST(ReadFile, ReadsLongFiles) {
  const TemporaryFolder folder;
  std::string text(3'000'001, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i >> 7);
  put_text(folder / "file", text);
  EXPECT_TRUE(text_of(read_file(folder / "file", kNoLimit).value()) == text);
}

TEST(ReadFile, TheLimitIsTheLargestFileRead) {
  const TemporaryFolder folder;
  put_text(folder / "file", "12345");
  EXPECT_EQ(read_file(folder / "file", 5).value().size(), 5U);
  const auto refused = read_file(folder / "file", 4);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_NE(refused.error().message.find((folder / "file").string()), std::string::npos);
}

TEST(ReadFile, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const fs::path& path : {folder / "missing", folder.path(), folder / "pipe", fs::path("/dev/null"), fs::path()}) {
    const auto refused = read_file(path, kNoLimit);  // a pipe without a writer must not block
    ASSERT_FALSE(refused.ok()) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::io_error) << path;
    EXPECT_EQ(refused.error().message.find((path.empty() ? "\"\"" : path.string()) + ": "), 0U)
        << refused.error().message;
  }
}

TEST(ReadFile, RefusesWhatMayNotBeRead) {
  const TemporaryFolder folder;
  put_text(folder / "file", "secret");
  fs::permissions(folder / "file", fs::perms::none);
  const WithoutRoot nobody(folder);
  EXPECT_EQ(read_file(folder / "file", kNoLimit).error().code, ErrorCode::io_error);
}

/// What read_descriptor gives of a pipe that `text` is written into.
Result<std::vector<uint8_t>> read_pipe(const std::string& text, size_t limit) {
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::thread writer([&] {
    size_t written = 0;
    while (written < text.size()) {
      const ssize_t step = ::write(ends[1], text.data() + written, text.size() - written);
      if (step <= 0) break;
      written += static_cast<size_t>(step);
    }
    ::close(ends[1]);
  });
  auto result = read_descriptor(ends[0], "standard input", limit);
  ::close(ends[0]);
  writer.join();
  return result;
}

TEST(ReadDescriptor, ReadsAPipeToItsEnd) {
  std::string text(2'500'000, 'x');
  text.back() = 'y';
  EXPECT_TRUE(text_of(read_pipe(text, text.size()).value()) == text);
  EXPECT_TRUE(read_pipe("", kNoLimit).value().empty());
}

TEST(ReadDescriptor, StopsAtTheLimit) {
  struct sigaction ignore = {}, before = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);  // the writer is left behind
  const auto refused = read_pipe(std::string(2'500'000, 'x'), 1000);
  ::sigaction(SIGPIPE, &before, nullptr);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(refused.error().message.find("standard input: "), 0U);
}

TEST(ReadDescriptor, GoesOnFromWhereAFileStands) {
  const TemporaryFolder folder;
  put_text(folder / "file", "head and tail");
  const int descriptor = ::open((folder / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ::lseek(descriptor, 9, SEEK_SET);
  EXPECT_EQ(text_of(read_descriptor(descriptor, "file", kNoLimit).value()), "tail");
  ::close(descriptor);
}

TEST(ReadDescriptor, AClosedOneIsAnError) {
  EXPECT_EQ(read_descriptor(-1, "standard input", kNoLimit).error().code, ErrorCode::io_error);
}

TEST(WriteFile, WritesEveryByteAndLeavesNoTemporary) {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\xFF", 6);
  ASSERT_EQ(code_name(write_file(folder / "new", std::string_view(text))), "written");
  EXPECT_EQ(get_text(folder / "new"), text);
  ASSERT_EQ(code_name(write_file(folder / "empty", std::string_view())), "written");
  EXPECT_EQ(get_text(folder / "empty"), "");
  EXPECT_EQ(folder.names(), (Names{"empty", "new"}));
}

TEST(WriteFile, WhoReadsTheOldFileKeepsIt) {
  const TemporaryFolder folder;
  put_text(folder / "file", "old and longer");
  const int reader = ::open((folder / "file").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(code_name(write_file(folder / "file", "new")), "written");
  EXPECT_EQ(get_text(folder / "file"), "new");
  EXPECT_EQ(text_of(read_descriptor(reader, "file", kNoLimit).value()), "old and longer");
  ::close(reader);
  EXPECT_EQ(folder.names(), Names{"file"});
}

TEST(WriteFile, SeveralAtOnceLeaveOneCompleteFile) {
  const TemporaryFolder folder;
  const std::string texts[] = {std::string(100'000, 'a'), std::string(150'000, 'b')};
  std::vector<std::thread> writers;
  for (const std::string& text : texts) {
    writers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) EXPECT_EQ(code_name(write_file(folder / "file", text)), "written");
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string left = get_text(folder / "file");
  EXPECT_TRUE(left == texts[0] || left == texts[1]) << left.size();
  EXPECT_EQ(folder.names(), Names{"file"});
}

TEST(WriteFile, ReplacesALinkAndSparesItsTarget) {
  const TemporaryFolder folder;
  put_text(folder / "target", "precious");
  fs::create_symlink(folder / "target", folder / "link");
  ASSERT_EQ(code_name(write_file(folder / "link", "new")), "written");
  EXPECT_EQ(get_text(folder / "target"), "precious");
  EXPECT_FALSE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(get_text(folder / "link"), "new");
}

TEST(WriteFile, HasThePermissionsThatTheUmaskLeaves) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  const auto error = write_file(folder / "file", "text");
  ::umask(before);
  ASSERT_EQ(code_name(error), "written");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST(WriteFile, ANameWithoutFolderIsInTheCurrentOne) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  const auto error = write_file("file", "text");
  fs::current_path(before);
  ASSERT_EQ(code_name(error), "written");
  EXPECT_EQ(folder.names(), Names{"file"});
}

TEST(WriteFile, RefusesWhereNoFileCanBe) {
  const TemporaryFolder folder;
  put_text(folder / "file", "text");
  folder.make_folder("folder/inside");
  for (const fs::path& path : {folder / "missing" / "file", folder / "file" / "below", folder / "folder"}) {
    const auto error = write_file(path, "new");
    ASSERT_EQ(code_name(error), "output_unwritable") << path;
    EXPECT_EQ(error->message.find(path.string() + ": "), 0U) << error->message;
  }
  EXPECT_EQ(folder.names(), (Names{"file", "folder"})) << "no temporary is left";
  EXPECT_EQ(get_text(folder / "file"), "text");
}

TEST(WriteFile, ReplacesNoPipeOrDevice) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto error = write_file(folder / "pipe", "new");
  ASSERT_EQ(code_name(error), "output_unwritable");
  EXPECT_NE(error->message.find("pipe"), std::string::npos);
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_EQ(folder.names(), Names{"pipe"}) << "no temporary is left";
}

TEST(WriteFile, ANulEndsNoName) {
  const TemporaryFolder folder;
  put_text(folder / "file", "old");
  const fs::path name(std::string("file\0.json", 10));
  EXPECT_EQ(code_name(write_file(folder / name, "new")), "output_unwritable");
  EXPECT_EQ(read_file(folder / name, kNoLimit).error().code, ErrorCode::io_error);
  EXPECT_EQ(get_text(folder / "file"), "old");
}

TEST(WriteItemFile, MakesItsFolderAndWrites) {
  const TemporaryFolder folder;
  ASSERT_EQ(code_name(write_item_file(folder.path(), folder / "a/b/file", "text")), "written");
  EXPECT_EQ(get_text(folder / "a/b/file"), "text");
  EXPECT_EQ(code_name(sync_folder(folder / "a/b")), "written");
}

TEST(WriteItemFile, ANameThatNoFileCanHaveIsTheItemsOwnError) {
  const TemporaryFolder folder;
  put_text(folder / "file", "text");
  folder.make_folder("taken");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const fs::path& name : {fs::path(std::string(256, 'n')), fs::path("file/below"), fs::path("taken"),
                               fs::path("pipe"), fs::path(std::string("a\0b", 3))}) {
    const auto error = write_item_file(folder.path(), folder / name, "new");
    EXPECT_EQ(code_name(error), "io_error") << name;
  }
  EXPECT_EQ(folder.names(), (Names{"file", "pipe", "taken"})) << "no temporary is left";
}

TEST(WriteItemFile, AFolderOfItsOwnThatMayNotBeWrittenIsTheItemsOwnError) {
  const TemporaryFolder folder;
  const fs::path out = folder.make_folder("out"), closed = folder.make_folder("out/closed");
  fs::permissions(closed, fs::perms(0555));
  fs::permissions(out, fs::perms(0777));
  const WithoutRoot nobody(folder);
  EXPECT_EQ(code_name(write_item_file(out, closed / "file", "new")), "io_error");
  EXPECT_EQ(code_name(write_item_file(closed, closed / "file", "new")), "output_unwritable") << "none can be written";
}

TEST(WriteItemFile, WhatAllFilesMeetEndsTheRun) {
  class Failing : public FileSystem {
   public:
    explicit Failing(int error) : error_(error) {}
    ssize_t write(int, std::span<const uint8_t>) override {
      errno = error_;
      return -1;
    }
    int error_;
  };
  const TemporaryFolder folder;
  for (const auto& [number, code] : {std::pair{ENOSPC, "disk_full"},
                                     {EIO, "output_unwritable"},
                                     {EFBIG, "output_unwritable"},
                                     {EROFS, "output_unwritable"}}) {
    Failing system(number);
    EXPECT_EQ(code_name(write_item_file(folder.path(), folder / "file", "new", system)), code);
  }
  put_text(folder / "file", "text");
  EXPECT_EQ(code_name(write_item_file(folder / "file", folder / "file" / "below", "new")), "output_unwritable");
}

TEST(WriteFile, RefusesAFolderThatMayNotBeWritten) {
  const TemporaryFolder folder;
  const fs::path closed = folder.make_folder("closed");
  fs::permissions(closed, fs::perms(0555));
  const WithoutRoot nobody(folder);
  EXPECT_EQ(code_name(write_file(closed / "file", "new")), "output_unwritable");
  EXPECT_EQ(code_name(prepare_output_folder(closed)), "output_unwritable");
}

TEST(WriteFile, AFailureHalfWayKeepsTheOldFile) {
  const TemporaryFolder folder;
  put_text(folder / "file", "old");
  rlimit before{}, small{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
  struct sigaction ignore = {}, handler = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &ignore, &handler);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto error = write_file(folder / "file", std::string(10'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::sigaction(SIGXFSZ, &handler, nullptr);
  EXPECT_EQ(code_name(error), "output_unwritable");
  EXPECT_EQ(get_text(folder / "file"), "old");
  EXPECT_EQ(folder.names(), Names{"file"});
}

/// A file system of 64 KiB on `folder`, in a name space of this process alone; false where the system forbids it.
bool mount_small_disk(const fs::path& folder) {
  const std::string user = "0 " + std::to_string(::geteuid()) + " 1";
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    put_text("/proc/self/uid_map", user);
  }
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", folder.c_str(), "tmpfs", 0, "size=64k") == 0;
}

TEST(WriteFile, AFullDiskIsNamedAndKeepsTheOldFile) {
  enum Outcome { good, no_disk, other_code, old_file_gone, temporary_left };
  const TemporaryFolder folder;
  const pid_t child = ::fork();  // the mount ends with the child
  if (child == 0) {
    if (!mount_small_disk(folder.path())) ::_exit(no_disk);
    if (write_file(folder / "file", "old")) ::_exit(no_disk);
    const auto error = write_file(folder / "file", std::string(200'000, 'x'));
    if (code_name(error) != "disk_full") ::_exit(other_code);
    if (get_text(folder / "file") != "old") ::_exit(old_file_gone);
    ::_exit(folder.names() == Names{"file"} ? good : temporary_left);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == no_disk) GTEST_SKIP() << "no right to mount a small disk";
  EXPECT_EQ(WEXITSTATUS(status), good);
}

TEST(PrepareOutputFolder, MakesTheFolderWithItsParents) {
  const TemporaryFolder folder;
  ASSERT_EQ(code_name(prepare_output_folder(folder / "a/b/c")), "written");
  EXPECT_TRUE(fs::is_empty(folder / "a/b/c")) << "the trial file is gone";
  put_text(folder / "a/b/c/file", "text");
  ASSERT_EQ(code_name(prepare_output_folder(folder / "a/b/c")), "written") << "a second time";
  EXPECT_EQ(get_text(folder / "a/b/c/file"), "text");
}

TEST(PrepareOutputFolder, TakesALinkToAFolder) {
  const TemporaryFolder folder;
  fs::create_symlink(folder.make_folder("real"), folder / "link");
  EXPECT_EQ(code_name(prepare_output_folder(folder / "link")), "written");
}

TEST(PrepareOutputFolder, RefusesAFileInItsPlace) {
  const TemporaryFolder folder;
  put_text(folder / "file", "text");
  EXPECT_EQ(code_name(prepare_output_folder(folder / "file")), "output_unwritable");
  EXPECT_EQ(code_name(prepare_output_folder(folder / "file" / "below")), "output_unwritable");
  EXPECT_EQ(get_text(folder / "file"), "text");
}

}  // namespace
}  // namespace swiftavatar
