// Runs a program as a container would that forbids seccomp and Landlock:  without_sandbox PROGRAM [ARGUMENT...]

#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  constexpr int kCreateRuleset = 444;
  const bool forbidden =
      filter && seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(seccomp), 0) == 0 &&
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP)) == 0 &&
      seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), kCreateRuleset, 0) == 0 && seccomp_load(filter) == 0;
  if (!forbidden) {
    std::fputs("without_sandbox: no seccomp here\n", stderr);
    return 77;
  }
  execvp(argv[1], argv + 1);
  std::perror(argv[1]);
  return 127;
}
