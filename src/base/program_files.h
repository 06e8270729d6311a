#pragma once
// Where the running program lies, and the programs that come with it.

#include <filesystem>
#include <string>

namespace swiftavatar {

/// The folder of the running program; empty where the system does not tell.
std::filesystem::path program_folder();

/// A program that this one starts: beside it or, once installed, in ../libexec/swiftavatar. `purpose` says what it
/// does, for the message. Throws Failure internal where it is missing.
std::filesystem::path helper_program(const std::string& name, const std::string& purpose);

}  // namespace swiftavatar
