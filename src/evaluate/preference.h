#pragma once
// People's choice among methods: the answers that the study's page saves (docs/study.schema.json), and what they say.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "swiftavatar/result.h"

namespace swiftavatar {

inline constexpr char kStudySchema[] = "swiftavatar.study/1";
inline constexpr size_t kFewestMethods = 2, kMostMethods = 9;

/// Whether a text can name a method: 1 to 100 bytes of UTF-8 without control characters.
bool is_study_name(std::string_view text);

/// One volunteer's answers.
struct StudyAnswers {
  std::string file;                  ///< where they were read, for messages
  std::string study, volunteer;      ///< ids
  std::string name;                  ///< of the volunteer; may be empty
  std::vector<std::string> methods;  ///< 2 to 9 different ones
  bool finished = false;
  struct Answer {
    std::string photo;
    std::vector<std::string> order;  ///< the methods as they were shown
    std::string choice;
    double ms = 0;  ///< from the question to the choice
  };
  std::vector<Answer> answers;  ///< at most one for each photo
};

/// Reads a saved file. `name` is used in messages. Error: unsupported_format, naming the place.
Result<StudyAnswers> read_answers(const std::string& text, const std::string& name);

/// Why a volunteer's answers cannot be counted with the others: other methods, or the same volunteer again.
std::optional<Error> incompatible_with(const StudyAnswers& more, const std::vector<StudyAnswers>& others);

/// A share and its 95 % interval; all empty when n is 0.
struct Share {
  int chosen = 0, n = 0;
  std::optional<double> value, low, high;
};

struct Preference {
  std::vector<std::string> methods;  ///< most chosen first
  int finished = 0, answers = 0;
  std::vector<Share> shares;  ///< of all answers; for each method
  struct Pair {
    std::string one, other;
    Share share;  ///< of the answers that chose one of the two: how many chose `one`
  };
  std::vector<Pair> pairs;
  std::vector<int> places;  ///< how often the first, the second ... picture was chosen
  struct Volunteer {
    std::string name;  ///< the id where they gave none
    bool finished = false;
    std::vector<int> chosen;    ///< for each method
    double median_seconds = 0;  ///< for an answer
  };
  std::vector<Volunteer> volunteers;
};

/// Counts first choices. An interval is the wider, on each side, of Wilson's and of a bootstrap that draws volunteers
/// and photos anew (answers of one person, and those to one photo, are alike). The same answers give the same numbers.
Preference score_preference(const std::vector<StudyAnswers>& answers);

std::string to_text(const Preference& preference);
std::string to_markdown(const Preference& preference);
nlohmann::ordered_json to_json(const Preference& preference);

}  // namespace swiftavatar
