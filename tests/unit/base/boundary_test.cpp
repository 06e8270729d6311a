#include "base/boundary.h"

#include <filesystem>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "failure_of.h"

namespace swiftavatar {
namespace {

const Error kOtherwise{ErrorCode::model_corrupt, "net.pt: is no network."};

template <class Work>
Error error_of(const Work& work) {
  return testing::failure_of([&] { at_boundary(kOtherwise, work); });
}

Error error_of_words(const std::string& words) {
  return error_of([&] { throw std::runtime_error(words); });
}

TEST(Boundary, GivesBackWhatTheWorkGives) {
  EXPECT_EQ(at_boundary(kOtherwise, [] { return 7; }), 7);
  int number = 1;
  at_boundary(kOtherwise, [&]() -> int& { return number; }) = 3;
  EXPECT_EQ(number, 3);
}

TEST(Boundary, AFailureKeepsItsError) {
  const Error error = error_of([] { throw Failure(Error{ErrorCode::no_face, "a.jpg: no face.", "seen none"}); });
  EXPECT_EQ(error.code, ErrorCode::no_face);
  EXPECT_EQ(error.message, "a.jpg: no face.");
  EXPECT_EQ(error.cause, "seen none");
}

TEST(Boundary, AnyOtherExceptionIsTheCause) {
  const Error error = error_of_words("expected 3 channels");
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_EQ(error.message, kOtherwise.message);
  EXPECT_EQ(error.cause, "expected 3 channels");
  EXPECT_EQ(error_of([] { throw 7; }).code, ErrorCode::model_corrupt);
  EXPECT_FALSE(error_of([] { throw 7; }).cause.empty());
  const Error json = error_of([] { const auto value = nlohmann::json::parse("{"); });
  EXPECT_EQ(json.code, ErrorCode::model_corrupt);
  EXPECT_NE(json.cause.find("parse_error"), std::string::npos);
  EXPECT_LE(error_of_words(std::string(100'000, 'x')).cause.size(), 5000u);
}

TEST(Boundary, KnowsWantOfMemoryByTypeAndByWords) {
  EXPECT_EQ(error_of([] { throw std::bad_alloc(); }).code, ErrorCode::out_of_memory);
  for (const char* words : {"CUDA out of memory. Tried to allocate 2.00 GiB", "CUDA error: out of memory",
                            "cuDNN error: CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED when calling x",
                            "DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes",
                            "DefaultCPUAllocator: can't allocate memory", "could not create a primitive",
                            "unable to mmap 4096 bytes: Cannot allocate memory (12)",
                            "OpenCV(4.6.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 9 bytes"}) {
    EXPECT_EQ(error_of_words(words).code, ErrorCode::out_of_memory) << words;
    EXPECT_EQ(error_of_words(words).cause, words);
  }
  EXPECT_EQ(error_of_words("could not create a primitive descriptor for a convolution").code, ErrorCode::model_corrupt);
}

TEST(Boundary, KnowsAGpuThatFailed) {
  for (const char* words :
       {"CUDA error: an illegal memory access was encountered", "CUDA error: device-side assert triggered",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", "CUBLAS_STATUS_NOT_INITIALIZED",
        "The following operation failed in the TorchScript interpreter.\nRuntimeError: CUDA error: "
        "unspecified launch failure",
        "CUDA driver error: invalid device context", "Found no NVIDIA driver on your system"}) {
    EXPECT_EQ(error_of_words(words).code, ErrorCode::device_failed) << words;
  }
  EXPECT_EQ(error_of_words("Expected all tensors to be on the same device, but found cuda:0 and cpu").code,
            ErrorCode::model_corrupt)
      << "a network that mixes devices is wrong, not the GPU";
}

TEST(Boundary, TheFileSystemsRefusalNamesThePath) {
  const Error error = error_of([] { std::filesystem::create_directory("/proc/none/here"); });
  EXPECT_EQ(error.code, ErrorCode::io_error);
  EXPECT_NE(error.message.find("/proc/none/here"), std::string::npos) << error.message;
}

TEST(ItemError, IsTheItemsAndNamesIt) {
  EXPECT_FALSE(item_error("a.jpg", [] {}).has_value());
  const auto error = item_error("a.jpg", [] { throw std::runtime_error("index out of range"); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::crashed);
  EXPECT_TRUE(error->message.starts_with("a.jpg: ")) << error->message;
  EXPECT_EQ(error->cause, "index out of range");
  EXPECT_EQ(item_error("a.jpg", [] { throw Failure(ErrorCode::no_face, "a.jpg: no face."); })->message,
            "a.jpg: no face.")
      << "a name that is there already is not repeated";
}

TEST(ItemError, WhatEveryItemWouldMeetEndsTheRun) {
  EXPECT_EQ(testing::failure_of([] {
              (void)item_error("a.jpg", [] { throw Failure(ErrorCode::model_corrupt, "net.pt: is no network."); });
            }).code,
            ErrorCode::model_corrupt);
  EXPECT_EQ(testing::failure_of([] {
              (void)item_error("a.jpg", [] { throw std::runtime_error("CUDA error: unspecified launch failure"); });
            }).code,
            ErrorCode::device_failed);
}

}  // namespace
}  // namespace swiftavatar
