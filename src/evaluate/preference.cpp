#include "evaluate/preference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace swiftavatar {

using nlohmann::ordered_json;

namespace {

constexpr int kDraws = 2000;
constexpr double kZ = 1.959964;  // of the normal distribution, 95 %

/// An answer by numbers.
struct Vote {
  size_t volunteer, photo, method;
};

/// Choices of each method in one draw of the bootstrap.
using Counts = std::array<double, kMostMethods>;

/// Volunteers and photos are drawn with replacement; an answer counts as often as its volunteer was drawn times as
/// often as its photo was.
std::vector<Counts> bootstrap(const std::vector<Vote>& votes, size_t volunteers, size_t photos) {
  std::mt19937_64 random(1);
  const auto draw = [&](size_t n) {
    std::vector<int> times(n);
    for (size_t i = 0; i < n; ++i) ++times[random() % n];
    return times;
  };
  std::vector<Counts> draws(votes.empty() ? 0 : kDraws);
  for (Counts& counts : draws) {
    counts = {};
    const std::vector<int> of_volunteer = draw(volunteers), of_photo = draw(photos);
    for (const Vote& vote : votes) counts[vote.method] += of_volunteer[vote.volunteer] * of_photo[vote.photo];
  }
  return draws;
}

/// The share of `chosen` in n; `part` and `whole` take the same two numbers from a draw.
template <class Part, class Whole>
Share share_of(int chosen, int n, const std::vector<Counts>& draws, Part part, Whole whole) {
  Share share{chosen, n};
  if (n == 0) return share;
  const double p = static_cast<double>(chosen) / n, zz = kZ * kZ;
  const double middle = (p + zz / (2 * n)) / (1 + zz / n);
  const double half = kZ / (1 + zz / n) * std::sqrt(p * (1 - p) / n + zz / (4.0 * n * n));
  double low = middle - half, high = middle + half;

  std::vector<double> values;
  for (const Counts& counts : draws) {
    if (whole(counts) > 0) values.push_back(part(counts) / whole(counts));
  }
  std::sort(values.begin(), values.end());
  if (!values.empty()) {
    const auto quantile = [&](double q) { return values[static_cast<size_t>(std::lround(q * (values.size() - 1)))]; };
    low = std::min(low, quantile(0.025));
    high = std::max(high, quantile(0.975));
  }
  share.value = p;
  share.low = std::clamp(low, 0.0, p);
  share.high = std::clamp(high, p, 1.0);
  return share;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

/// The methods, most chosen first; those chosen alike in the study's order.
std::vector<std::string> by_popularity(const std::vector<StudyAnswers>& answers) {
  std::map<std::string, int> chosen;
  for (const StudyAnswers& volunteer : answers) {
    for (const auto& answer : volunteer.answers) ++chosen[answer.choice];
  }
  std::vector<std::string> methods = answers.front().methods;
  std::stable_sort(methods.begin(), methods.end(), [&](const auto& a, const auto& b) { return chosen[a] > chosen[b]; });
  return methods;
}

std::string decimals(const std::optional<double>& value, int digits) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, *value);
  return text;
}

std::string interval(const Share& share) { return decimals(share.low, 2) + " to " + decimals(share.high, 2); }

std::string padded(std::string text, size_t width) {
  const auto characters =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  return text + std::string(characters < width ? width - characters : 0, ' ');
}

/// A table with a head; in columns for a terminal, or as Markdown.
std::string table(const std::vector<std::vector<std::string>>& rows, bool markdown) {
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (const std::string& cell : rows[r]) {
      std::string escaped;
      for (const char c : cell)
        escaped += markdown && (c == '|' || c == '\\') ? std::string("\\") + c : std::string(1, c);
      line += markdown ? "| " + escaped + " " : padded(cell, 18) + " ";
    }
    if (markdown) line += "|";
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
    if (markdown && r == 0) {
      for (size_t c = 0; c < rows[r].size(); ++c) text += "|---";
      text += "|\n";
    }
  }
  return text;
}

std::string show(const Preference& preference, bool markdown) {
  std::vector<std::vector<std::string>> shares{{"method", "first choices", "share", "95 % interval"}};
  for (size_t m = 0; m < preference.methods.size(); ++m) {
    const Share& share = preference.shares[m];
    shares.push_back({preference.methods[m], std::to_string(share.chosen), decimals(share.value, 3), interval(share)});
  }
  std::vector<std::vector<std::string>> pairs{{"of the two", "rather than", "share", "95 % interval", "answers"}};
  for (const auto& pair : preference.pairs) {
    pairs.push_back(
        {pair.one, pair.other, decimals(pair.share.value, 3), interval(pair.share), std::to_string(pair.share.n)});
  }
  std::vector<std::vector<std::string>> people{{"volunteer", "answers"}};
  for (const std::string& method : preference.methods) people[0].push_back(method);
  people[0].push_back("seconds each");
  for (const auto& volunteer : preference.volunteers) {
    const int n = std::accumulate(volunteer.chosen.begin(), volunteer.chosen.end(), 0);
    std::vector<std::string> row{volunteer.name, std::to_string(n) + (volunteer.finished ? "" : " (unfinished)")};
    for (const int chosen : volunteer.chosen) row.push_back(std::to_string(chosen));
    row.push_back(decimals(volunteer.median_seconds, 1));
    people.push_back(std::move(row));
  }
  std::string places;
  for (const int chosen : preference.places) places += (places.empty() ? "" : ", ") + std::to_string(chosen);
  std::string text = table(shares, markdown) + "\n";
  if (preference.methods.size() > 2) text += table(pairs, markdown) + "\n";
  text += table(people, markdown) + "\n";
  return text + "Volunteers: " + std::to_string(preference.volunteers.size()) + " (" +
         std::to_string(preference.finished) + " finished), answers: " + std::to_string(preference.answers) +
         ". Choices by place on the page: " + places + ".\n";
}

ordered_json number(const std::optional<double>& value) {
  return value ? ordered_json(std::round(*value * 1e4) / 1e4) : ordered_json();
}

void add_share(ordered_json& entry, const Share& share) {
  entry["chosen"] = share.chosen;
  entry["n"] = share.n;
  entry["share"] = number(share.value);
  entry["interval"] = {number(share.low), number(share.high)};
}

}  // namespace

Preference score_preference(const std::vector<StudyAnswers>& answers) {
  Preference result;
  if (answers.empty()) return result;
  result.methods = by_popularity(answers);
  result.places.resize(result.methods.size());
  std::vector<Vote> votes;
  std::map<std::string, size_t> photos;
  std::vector<int> totals(result.methods.size());
  for (size_t v = 0; v < answers.size(); ++v) {
    const StudyAnswers& given = answers[v];
    Preference::Volunteer volunteer{given.name.empty() ? given.volunteer : given.name, given.finished,
                                    std::vector<int>(result.methods.size())};
    std::vector<double> seconds;
    for (const auto& answer : given.answers) {
      const size_t method = place_of(result.methods, answer.choice);
      const size_t photo = photos.emplace(given.study + ' ' + answer.photo, photos.size()).first->second;
      votes.push_back({v, photo, method});
      ++totals[method];
      ++volunteer.chosen[method];
      ++result.places[place_of(answer.order, answer.choice)];
      seconds.push_back(answer.ms / 1000);
    }
    volunteer.median_seconds = median(std::move(seconds));
    result.finished += given.finished;
    result.volunteers.push_back(std::move(volunteer));
  }
  result.answers = static_cast<int>(votes.size());
  const std::vector<Counts> draws = bootstrap(votes, answers.size(), photos.size());
  const auto all = [](const Counts& counts) { return std::accumulate(counts.begin(), counts.end(), 0.0); };
  for (size_t m = 0; m < totals.size(); ++m) {
    const auto one = [m](const Counts& counts) { return counts[m]; };
    result.shares.push_back(share_of(totals[m], result.answers, draws, one, all));
    for (size_t k = m + 1; k < totals.size(); ++k) {
      const auto both = [m, k](const Counts& counts) { return counts[m] + counts[k]; };
      result.pairs.push_back(
          {result.methods[m], result.methods[k], share_of(totals[m], totals[m] + totals[k], draws, one, both)});
    }
  }
  return result;
}

std::string to_text(const Preference& preference) { return show(preference, false); }
std::string to_markdown(const Preference& preference) { return show(preference, true); }

ordered_json to_json(const Preference& preference) {
  ordered_json json{{"schema", "swiftavatar.preference/1"}, {"volunteers", preference.volunteers.size()},
                    {"finished", preference.finished},      {"answers", preference.answers},
                    {"methods", ordered_json::array()},     {"pairs", ordered_json::array()},
                    {"places", preference.places},          {"by_volunteer", ordered_json::array()}};
  for (size_t m = 0; m < preference.methods.size(); ++m) {
    json["methods"].push_back({{"name", preference.methods[m]}});
    add_share(json["methods"].back(), preference.shares[m]);
  }
  for (const auto& pair : preference.pairs) {
    json["pairs"].push_back({{"one", pair.one}, {"other", pair.other}});
    add_share(json["pairs"].back(), pair.share);
  }
  for (const auto& volunteer : preference.volunteers) {
    ordered_json chosen = ordered_json::object();
    for (size_t m = 0; m < preference.methods.size(); ++m) chosen[preference.methods[m]] = volunteer.chosen[m];
    json["by_volunteer"].push_back({{"name", volunteer.name},
                                    {"finished", volunteer.finished},
                                    {"chosen", std::move(chosen)},
                                    {"median_seconds", volunteer.median_seconds}});
  }
  return json;
}

}  // namespace swiftavatar
