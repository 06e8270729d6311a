#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "base/program_files.h"
#include "escape.h"
#include "failure_of.h"
#include "image/pictures.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using namespace std::chrono_literals;
using namespace testing;

Bytes good() { return encode(".png", picture()); }

/// A PNG with a word behind it, at which the fake decoder misbehaves.
Bytes with(const std::string& word) {
  Bytes bytes = good();
  append(bytes, bytes_of(word));
  return bytes;
}

DecoderOptions fake() { return {.time = 20s, .program = program_folder() / "fake_decoder"}; }

void expect_same(const PhotoDecoder& decoder, const Bytes& bytes, const std::string& name) {
  const auto here = decode_image(bytes, name), there = decoder.decode(bytes, name);
  ASSERT_EQ(here.ok(), there.ok()) << name;
  if (!here.ok()) {
    EXPECT_EQ(here.error().code, there.error().code) << name;
    EXPECT_EQ(here.error().message, there.error().message);
    return;
  }
  const DecodedImage &one = here.value(), &other = there.value();
  ASSERT_EQ(one.rgb.size(), other.rgb.size()) << name;
  ASSERT_EQ(one.rgb.type(), other.rgb.type());
  EXPECT_EQ(cv::norm(one.rgb, other.rgb, cv::NORM_INF), 0) << name;
  EXPECT_EQ(one.warnings, other.warnings);
  EXPECT_EQ(one.info.format, other.info.format);
  EXPECT_EQ(one.info.orientation, other.info.orientation);
  EXPECT_EQ(cv::Size(one.info.width, one.info.height), cv::Size(other.info.width, other.info.height));
}

TEST(PhotoDecoder, GivesWhatDecodingHereGives) {
  const PhotoDecoder decoder;
  TiffParts tiff = tiff_parts(picture());
  tiff.entry(kOrientation).values = {6};
  expect_same(decoder, write_tiff(tiff), "a.tif");
  cv::Mat clear(20, 30, CV_8UC4, cv::Scalar(10, 200, 30, 99)), deep(20, 30, CV_16UC3, cv::Scalar(1000, 40000, 9));
  for (const std::string suffix : {".png", ".jpg", ".webp", ".bmp", ".tiff"}) {
    const Bytes bytes = encode(suffix, picture(301, 203));
    expect_same(decoder, bytes, "a" + suffix);
    expect_same(decoder, bytes, "wrong.gif.png");
    expect_same(decoder, cut(bytes, bytes.size() / 2), "cut" + suffix);
  }
  expect_same(decoder, encode(".png", clear), "clear.png");
  expect_same(decoder, encode(".png", deep), "deep.png");
  expect_same(decoder, encode(".jpg", picture(4000, 3000)), "large.jpg");
  expect_same(decoder, {}, "empty.jpg");
  expect_same(decoder, bytes_of("a text"), "text.jpg");
}

TEST(PhotoDecoder, GivesWhatDecodingHereGivesForPhotos) {
  const PhotoDecoder decoder;
  const std::filesystem::path root = SWIFTAVATAR_SOURCE_DIR;
  size_t count = 0;
  for (const auto& folder : {root / "examples", root / "../shared/photos/dev", root / "../shared/fixtures"}) {
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (!entry.is_regular_file() || ++count > 60) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      expect_same(decoder, Bytes(std::istreambuf_iterator<char>(file), {}), entry.path().filename().string());
    }
  }
  EXPECT_GT(count, 0U);
}

TEST(PhotoDecoder, LimitsHold) {
  const PhotoDecoder narrow({.limits = {.max_side = 40}}), short_one({.limits = {.max_bytes = 50}});
  expect_refused(narrow.decode(good(), "test"), ErrorCode::too_large);
  expect_refused(short_one.decode(good(), "test"), ErrorCode::too_large);
}

TEST(PhotoDecoder, ACrashCostsOnePhoto) {
  const PhotoDecoder decoder(fake());
  for (const auto& [word, reason] :
       {std::pair{"crash", "signal 11"}, {"exit", "status 9"}, {"nonsense", ""}, {"huge", ""}, {"gives up", ""}}) {
    const auto image = decoder.decode(with(word), "bad.png");
    expect_refused(image, ErrorCode::crashed, word);
    EXPECT_EQ(image.error().message.find("bad.png: made the decoder crash"), 0U) << image.error().message;
    EXPECT_NE(image.error().message.find(reason), std::string::npos) << image.error().message;
    EXPECT_TRUE(decoder.decode(good(), "good.png").ok()) << "after " << word;
  }
}

TEST(PhotoDecoder, APhotoThatStallsIsGivenUp) {
  DecoderOptions options = fake();
  options.time = 300ms;
  const PhotoDecoder decoder(options);
  const auto image = decoder.decode(with("stall"), "slow.png");
  expect_refused(image, ErrorCode::timeout);
  EXPECT_NE(image.error().message.find("0.3 s"), std::string::npos) << image.error().message;
  options.time = 20s;
  EXPECT_TRUE(PhotoDecoder(options).decode(good(), "good.png").ok());
}

TEST(PhotoDecoder, MemoryIsBounded) {
  DecoderOptions options = fake();
  options.memory = size_t{256} << 20;
  const PhotoDecoder decoder(options);
  // The fake one lets the exception pass, and so dies of it; the real one answers.
  expect_refused(decoder.decode(with("hungry"), "bad.png"), ErrorCode::crashed);
  const PhotoDecoder real({.memory = size_t{64} << 20});
  const Bytes large = encode(".png", cv::Mat(6000, 6000, CV_8UC3, cv::Scalar(1, 2, 3)));
  const auto image = real.decode(large, "large.png");
  ASSERT_FALSE(image.ok());
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose allocators end the process
  EXPECT_EQ(image.error().code, ErrorCode::out_of_memory) << image.error().message;
#endif
  EXPECT_TRUE(real.decode(good(), "good.png").ok());
}

TEST(PhotoDecoder, TheProcessHasGivenUpWhatItDoesNotNeed) {
  const int left_open = open("/dev/null", O_RDONLY);  // not close-on-exec
  const PhotoDecoder decoder(fake());
  const std::string powers = decoder.decode(with("curious"), "a").error().message;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which need a few files
  EXPECT_EQ(powers, "a: core 0, files 3, written 0, memory bounded, left open 0");
#else
  EXPECT_NE(powers.find("left open 0"), std::string::npos) << powers;
#endif
  close(left_open);
}

TEST(PhotoDecoder, NothingInTheProcessGetsOut) {
  const TemporaryFolder folder;
  expect_no_escape(folder.path(), [] {
    const PhotoDecoder decoder(fake());
    EXPECT_EQ(decoder.sandbox().substr(0, 7), "seccomp") << decoder.sandbox();
    return decoder.decode(with("escape"), "a").error().message.substr(3);
  });
}

/// The same tries without a sandbox: those of them that any process may make.
TEST(PhotoDecoder, EscapesAreRealTries) {
  const TemporaryFolder folder;
  const nlohmann::json tries = escape_from(folder.path(), [] {
    const std::string command = (program_folder() / "fake_decoder").string() + " escape 2>/dev/null";
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::string text(1 << 16, '\0');
    text.resize(fread(text.data(), 1, text.size(), pipe));
    pclose(pipe);
    return text;
  });
  for (const char* possible : {"open for reading", "open for writing", "create", "unlink", "mkdir", "chdir", "stat",
                               "UDP", "a pair of sockets", "fork", "clone of a process", "memfd", "executable memory",
                               "kill the parent", "limits of the parent", "prctl"}) {
    EXPECT_EQ(tries.at(possible), 0) << possible;
  }
  EXPECT_EQ(tries.at("exec"), ENOENT);
  EXPECT_EQ(tries.at("TCP"), ECONNREFUSED);
}

TEST(PhotoDecoder, SeveralThreadsDecodeAtOnce) {
  const PhotoDecoder decoder(fake());
  const cv::Mat expected = decode_image(good(), "a").value().rgb;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        if (i == 3) {
          expect_refused(decoder.decode(with("crash"), "bad.png"), ErrorCode::crashed);
        } else {
          const auto image = decoder.decode(good(), "good.png");
          ASSERT_TRUE(image.ok());
          EXPECT_EQ(cv::norm(image.value().rgb, expected, cv::NORM_INF), 0);
        }
      }
    });
  }
}

TEST(PhotoDecoder, AnyThreadsEndLeavesTheProcess) {
  const PhotoDecoder decoder(fake());
  std::jthread([&] { EXPECT_TRUE(decoder.decode(good(), "a.png").ok()); }).join();
  EXPECT_TRUE(decoder.decode(good(), "a.png").ok());
}

TEST(PhotoDecoder, WhatIsNoDecoderEndsTheRun) {
  const Error gone = failure_of([] { PhotoDecoder({.program = "/nonexistent/swiftavatar-decode"}); });
  EXPECT_EQ(gone.code, ErrorCode::internal);
  EXPECT_NE(gone.message.find("/nonexistent/swiftavatar-decode"), std::string::npos) << gone.message;
  const PhotoDecoder other({.program = "/bin/true"});
  const Error silent = failure_of([&] { (void)other.decode(good(), "a"); });
  EXPECT_EQ(silent.code, ErrorCode::internal);
  EXPECT_NE(silent.message.find("/bin/true, which reads photos, cannot be started (status 0)"), std::string::npos)
      << silent.message;
}

/// A program that is killed while its decoder stalls.
TEST(PhotoDecoder, DiesWithTheProgram) {
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t program = fork();
  if (program == 0) {
    const PhotoDecoder decoder(fake());
    std::jthread stalled([&] { (void)decoder.decode(with("stall"), "slow.png"); });
    std::this_thread::sleep_for(700ms);
    pid_t child = 0;
    std::ifstream("/proc/self/task/" + std::to_string(getpid()) + "/children") >> child;
    if (write(pipe_ends[1], &child, sizeof child) != sizeof child) _exit(1);
    std::this_thread::sleep_for(60s);
  }
  pid_t child = 0;
  ASSERT_EQ(read(pipe_ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  for (const int end : pipe_ends) close(end);
  kill(program, SIGKILL);
  waitpid(program, nullptr, 0);
  if (child == 0) GTEST_SKIP() << "this kernel does not list children";
  const auto state = [&] {
    std::string line;
    std::getline(std::ifstream("/proc/" + std::to_string(child) + "/stat"), line);
    return line.empty() ? 'X' : line[line.rfind(')') + 2];
  };
  for (int i = 0; i < 200 && state() != 'X' && state() != 'Z'; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(state() == 'X' || state() == 'Z') << state();
}

}  // namespace
}  // namespace swiftavatar
