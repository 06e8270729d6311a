#pragma once
// What a worker could still do: tests/tools/escape.cpp, tried from inside.

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace swiftavatar::testing {

/// Has `worker` try each way out in an empty folder; {what: error number, 0 where it worked}.
template <class Worker>
nlohmann::json escape_from(const std::filesystem::path& folder, const Worker& worker) {
  std::ofstream(folder / "here") << "text";
  setenv("ESCAPE_FOLDER", folder.c_str(), 1);
  const std::string said = worker();
  unsetenv("ESCAPE_FOLDER");
  nlohmann::json tries = nlohmann::json::parse(said, nullptr, false);
  EXPECT_TRUE(tries.is_object()) << said;
  return tries;
}

template <class Worker>
void expect_no_escape(const std::filesystem::path& folder, const Worker& worker) {
  const nlohmann::json tries = escape_from(folder, worker);
  EXPECT_GT(tries.size(), 50U);
  for (const auto& [what, error] : tries.items()) {
    const int expected = what.front() == '('               ? 0
                         : what == "clone3"                ? ENOSYS
                         : what == "write to an open file" ? EFBIG
                                                           : EPERM;
    EXPECT_EQ(error, expected) << what;
  }
  std::ifstream file(folder / "here");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "text");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

}  // namespace swiftavatar::testing
