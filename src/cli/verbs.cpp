#include "cli/verbs.h"

#include "cli/bench.h"
#include "cli/completion.h"
#include "cli/doctor.h"
#include "cli/engines.h"
#include "cli/estimate.h"
#include "cli/evaluate.h"
#include "cli/generate.h"
#include "cli/invert.h"
#include "cli/models.h"
#include "cli/option_values.h"
#include "cli/render.h"
#include "cli/report.h"
#include "cli/study.h"
#include "cli/version.h"

namespace swiftavatar::cli {

std::vector<Verb> setup_verbs(CLI::App& app) {
  std::vector<Verb> verbs = {setup_estimate(app),  setup_invert(app), setup_generate(app), setup_render(app),
                             setup_engines(app),   setup_models(app), setup_evaluate(app), setup_report(app),
                             setup_study(app),     setup_bench(app),  setup_doctor(app),   setup_version(app),
                             setup_completion(app)};
  refuse_empty_values(app);
  return verbs;
}

}  // namespace swiftavatar::cli
