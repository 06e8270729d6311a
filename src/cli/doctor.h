#pragma once
// Verb `doctor`: says what works here and what does not, with what to do about it.

#include "cli/common.h"

namespace swiftavatar::cli {

struct DoctorOptions {
  CommonOptions common;
};

Verb setup_doctor(CLI::App& app);

/// Exit status 0 when everything that `estimate` needs is there, else the first fault's.
int run_doctor(const DoctorOptions& options);

}  // namespace swiftavatar::cli
