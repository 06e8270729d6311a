// The joint choice of one variant for every component.

#include <algorithm>
#include <cmath>

#include "estimate/choose.h"

namespace swiftavatar {
namespace {

// An engine's own head learnt from generated faces. It only chooses among options that show the same attributes. It was
// trained on random avatars, so it does not know that some variants are rare: variants that the semantics prefer get
// this bonus (log-probability; the head's own counts half).
constexpr double kPreferred = 2.5;
constexpr double kHeadWeight = 0.5;
// Heads of styles learnt from what readers pick in a menu of drawn styles. Where most styles of a component are among
// its variants, they compare all of them, whatever these show; chosen on photos that the heads had not seen.
constexpr double kStyleWeight = 1.0;
constexpr double kNoStyle = -12;  // of a variant that is none of the styles
// Where an engine has no hair that is right in everything, its length must not give way to its texture or fringe.
constexpr double kLengthWeight = 2;
// Beside a head of styles. Styles with a fringe are rare among the styles that readers pick; on photos that the heads
// had not seen, 0.87 of people with and without one were drawn so with this weight, 0.82 with 1.
constexpr double kFringeWeight = 4;
// The value of an attribute that an avatar cannot have, such as the hair texture of a bald head. It counts neither for
// nor against a variant; the length of the hair decides.
constexpr const char* kNotThere = "na";
constexpr int kMaxSweeps = 8;  // of coordinate ascent; it settles in two or three

/// One attribute value that a choice shows, and how likely the heads find it.
struct Shown {
  size_t attribute;
  double score;
};

/// One variant (or none) that may be chosen.
struct Option {
  std::optional<std::string> variant;
  std::vector<Shown> shown;
  double head = 0;   ///< by the component's own head: how far below the best option that shows the same; by a head of
                     ///< styles: how far below the best option
  double share = 0;  ///< logarithm of its share among the options that show the same, or that are there
};

/// Turns weighted log-probabilities in `head` into Option's `head` and `share`.
void compare_with_equals(std::vector<Option>& options) {
  std::map<std::vector<std::pair<size_t, double>>, std::vector<Option*>> classes;
  for (Option& option : options) {
    std::vector<std::pair<size_t, double>> key;
    for (const Shown& shown : option.shown) key.emplace_back(shown.attribute, shown.score);
    classes[key].push_back(&option);
  }
  for (auto& [unused, equals] : classes) {
    double best = equals.front()->head;
    for (const Option* option : equals) best = std::max(best, option->head);
    double sum = 0;
    for (const Option* option : equals) sum += std::exp(option->head - best);
    for (Option* option : equals) {
      option->head -= best;
      option->share = option->head - std::log(sum);
    }
  }
}

/// The options' `head` and `share` by what a head of styles says. Whether there is anything is for the attributes to
/// say: "none" costs as little as the best style.
void compare_styles(const std::map<std::string, double>& styles, std::vector<Option>& options) {
  const auto none = styles.find("none");
  const double there = none == styles.end() ? 0 : std::log1p(-std::min(std::exp(none->second), 1 - 1e-6));
  double best = kNoStyle;
  for (Option& option : options) {
    const auto style = styles.find(option.variant.value_or("none"));
    option.share = style == styles.end() ? kNoStyle : std::max(style->second - there, kNoStyle);
    if (option.variant) best = std::max(best, option.share);
  }
  for (Option& option : options) {
    const bool absent = !option.variant && none != styles.end();
    if (absent) option.share = 0;
    option.head = absent ? 0 : kStyleWeight * (option.share - best);
  }
}

/// The engine's choices with everything that the score needs looked up beforehand. Follows Semantics::read: colours
/// first, then the components in `order`, of which later ones win.
class Search {
 public:
  Search(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
         const LogProbabilities& variants, const LogProbabilities& styles, const Avatar& start) {
    for (const auto& [name, scores] : attributes) {
      const auto& impossible = semantics.impossible();
      if (std::find(impossible.begin(), impossible.end(), name) != impossible.end()) continue;
      names_.push_back(name);
      weight_.push_back(name == "hair_length" ? kLengthWeight : 1.0);
      // An avatar that shows nothing of an attribute scores like a guess; otherwise hiding things would always win.
      unknown_.push_back(-std::log(static_cast<double>(std::max<size_t>(scores.size(), 2))));
    }
    Avatar bare = start;
    bare.discrete.clear();
    base_ = unknown_;
    for (const Shown& shown : look_up(attributes, semantics.read(bare))) base_[shown.attribute] = shown.score;

    for (const std::string& name : semantics.order())
      add_component(engine, semantics, attributes, variants, styles, name);
    for (const auto& [name, unused] : engine.components()) {
      if (std::find(components_.begin(), components_.end(), name) == components_.end()) {
        add_component(engine, semantics, attributes, variants, styles, name);
      }
    }
    // Without evidence a component stays as it is at the start, unless that variant is excluded.
    choice_.assign(components_.size(), 0);
    for (size_t i = 0; i < components_.size(); ++i) {
      const auto given = start.discrete.find(components_[i]);
      if (given == start.discrete.end()) continue;
      for (size_t k = 0; k < options_[i].size(); ++k) {
        if (options_[i][k].variant == given->second) choice_[i] = k;
      }
    }
  }

  /// Finds the best joint choice: coordinate ascent, started from every option of every component (deterministic).
  void run() {
    std::vector<size_t> best = ascend(choice_);
    double best_score = score(best, weight_);
    for (size_t i = 0; i < options_.size(); ++i) {
      for (size_t k = 0; k < options_[i].size(); ++k) {
        std::vector<size_t> start = choice_;
        start[i] = k;
        const std::vector<size_t> reached = ascend(start, i);
        const double reached_score = score(reached, weight_);
        if (reached_score > best_score + 1e-9) {
          best = reached;
          best_score = reached_score;
        }
      }
    }
    choice_ = best;
  }

  void write(Estimate& estimate) const {
    for (size_t i = 0; i < components_.size(); ++i) {
      estimate.avatar.discrete[components_[i]] = options_[i][choice_[i]].variant;
      estimate.discrete[components_[i]] = confidence(i);
    }
  }

 private:
  template <class Values>
  std::vector<Shown> look_up(const LogProbabilities& attributes, const Values& values) const {
    std::vector<Shown> shown;
    for (size_t i = 0; i < names_.size(); ++i) {
      const auto value = values.find(names_[i]);
      if (value == values.end()) continue;
      const auto& scores = attributes.at(names_[i]);
      const auto found = first(value->second) == kNotThere ? likeliest(scores) : scores.find(first(value->second));
      // A value that the head lacks (such as hidden hair) is no evidence.
      shown.push_back({i, found == scores.end() ? unknown_[i] : found->second});
    }
    return shown;
  }

  static std::map<std::string, double>::const_iterator likeliest(const std::map<std::string, double>& scores) {
    return std::max_element(scores.begin(), scores.end(),
                            [](const auto& one, const auto& other) { return one.second < other.second; });
  }

  static const std::string& first(const std::string& value) { return value; }
  static const std::string& first(const std::vector<std::string>& values) { return values.front(); }

  void add_component(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
                     const LogProbabilities& variants, const LogProbabilities& styles, const std::string& name) {
    const auto component = engine.components().find(name);
    if (component == engine.components().end()) return;
    const auto& preferred = semantics.preferred(name);  // of options that are equally good the first is taken
    const auto known = [](const std::vector<std::string>& list, const std::string& key) {
      return std::find(list.begin(), list.end(), key) != list.end();
    };
    std::vector<Option> options;
    const auto add = [&](const std::string& key, std::optional<std::string> variant) {
      if (semantics.excluded(name, key)) return;
      Option option{std::move(variant), {}, 0};
      const auto table = semantics.components().find(name);
      if (table != semantics.components().end()) {
        const auto meaning = table->second.find(key);
        if (meaning != table->second.end()) option.shown = look_up(attributes, meaning->second);
      }
      const auto head = variants.find(name);
      if (head != variants.end()) {
        const auto value = head->second.find(key);
        option.head = kHeadWeight * (value == head->second.end() ? -12.0 : value->second) +
                      (known(preferred, key) ? kPreferred : 0);
      }
      options.push_back(std::move(option));
    };
    const auto& variants_there_are = component->second.variants;
    for (const std::string& key : preferred) {
      add(key, known(variants_there_are, key) ? std::optional(key) : std::nullopt);
    }
    if (component->second.optional && !known(preferred, "none")) add("none", std::nullopt);
    for (const std::string& variant : variants_there_are) {
      if (!known(preferred, variant)) add(variant, variant);
    }
    if (options.empty()) return;
    const auto style = styles.find(name);
    if (style != styles.end() && knows_most(options, style->second)) {
      compare_styles(style->second, options);
      for (size_t i = 0; i < names_.size(); ++i) {
        if (name == "hair" && names_[i] == "fringe") weight_[i] = kFringeWeight;
      }
    } else {
      compare_with_equals(options);
    }
    components_.push_back(name);
    options_.push_back(std::move(options));
  }

  /// Whether most of the styles are among the options.
  static bool knows_most(const std::vector<Option>& options, const std::map<std::string, double>& styles) {
    const auto known = std::count_if(options.begin(), options.end(), [&](const Option& option) {
      return styles.contains(option.variant.value_or("none"));
    });
    return 2 * static_cast<size_t>(known) > styles.size();
  }

  /// The choice's log-probability, up to a constant; each attribute counts by its weight.
  double score(const std::vector<size_t>& choice, const std::vector<double>& weight) const {
    std::vector<double>& attribute = scratch_;
    attribute = base_;
    double sum = 0;
    for (size_t i = 0; i < choice.size(); ++i) {
      const Option& option = options_[i][choice[i]];
      sum += option.head;
      for (const Shown& shown : option.shown) attribute[shown.attribute] = shown.score;
    }
    for (size_t i = 0; i < attribute.size(); ++i) sum += weight[i] * attribute[i];
    return sum;
  }

  /// Improves one component at a time until nothing improves; `held` keeps its option during the first sweep.
  std::vector<size_t> ascend(std::vector<size_t> choice, size_t held = static_cast<size_t>(-1)) const {
    double current = score(choice, weight_);
    for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
      bool improved = false;
      for (size_t i = 0; i < choice.size(); ++i) {
        if (sweep == 0 && i == held) continue;
        size_t best = choice[i];
        for (size_t k = 0; k < options_[i].size(); ++k) {
          choice[i] = k;
          const double value = score(choice, weight_);
          if (value > current + 1e-9) {
            current = value;
            best = k;
            improved = true;
          }
        }
        choice[i] = best;
      }
      if (!improved && sweep > 0) break;
    }
    return choice;
  }

  /// Probability of the chosen option, the other components being as chosen.
  double confidence(size_t component) const {
    std::vector<size_t> choice = choice_;
    const std::vector<double> even(weight_.size(), 1.0);
    const auto likely = [&](size_t k) {
      choice[component] = k;
      return score(choice, even) - options_[component][k].head + options_[component][k].share;
    };
    const double chosen = likely(choice_[component]);
    double sum = 0;
    for (size_t k = 0; k < options_[component].size(); ++k) sum += std::exp(likely(k) - chosen);
    return 1 / sum;
  }

  std::vector<std::string> names_;  // attributes that a head knows and the engine can show
  std::vector<double> weight_;      // by attribute: how much it counts in the search
  std::vector<double> unknown_;     // by attribute: score of saying nothing
  std::vector<double> base_;        // by attribute: score of what the colours show
  std::vector<std::string> components_;
  std::vector<std::vector<Option>> options_;
  std::vector<size_t> choice_;
  mutable std::vector<double> scratch_;
};

}  // namespace

void choose_variants(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
                     const LogProbabilities& variants, const LogProbabilities& styles, Estimate& estimate) {
  Search search(engine, semantics, attributes, variants, styles, estimate.avatar);
  search.run();
  search.write(estimate);
}

}  // namespace swiftavatar
