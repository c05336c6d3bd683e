package dev.orrery.worldmodel;

import dev.orrery.data.media.Png;
import dev.orrery.env.Image;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// One start that a world model saw for a while and then foresaw with closed eyes, beside what
/// happened; `docs/formats/imagination.md` describes it as a file.
///
/// @param step of the training after which this was imagined
/// @param context how many steps were seen
/// @param branches the same start under different words, at least one
public record Imagined(long step, int context, List<Branch> branches) {

    /// @param hint the words that were given, empty for none
    /// @param moments step after step
    public record Branch(String hint, List<Moment> moments) {}

    /// @param truth what there was to see
    /// @param imagined what the model saw in it, or imagined
    /// @param action what was done
    /// @param token the word that was read, empty for none
    /// @param expected words that the model expected, the most likely first, with probabilities
    /// @param guess what the model says in numbers, beside what happened
    public record Moment(
            Image truth,
            Image imagined,
            String action,
            String token,
            SequencedMap<String, Double> expected,
            Numbers guess) {}

    /// @param reward what was received
    /// @param rewardImagined what was imagined to be
    /// @param goesOn 1, or 0 where the episode ended in its own terms
    /// @param goesOnImagined the probability that was imagined
    /// @param value of the state, by the critic
    /// @param followed the return that followed
    public record Numbers(
            double reward,
            double rewardImagined,
            double goesOn,
            double goesOnImagined,
            double value,
            double followed) {}

    /// The contents of the file.
    public Map<String, Object> json() {
        return Map.of(
                "step",
                step,
                "context",
                context,
                "branches",
                branches.stream().map(Imagined::json).toList());
    }

    private static Map<String, Object> json(Branch branch) {
        var json = new LinkedHashMap<String, Object>();
        if (!branch.hint().isEmpty()) json.put("hint", branch.hint());
        json.put("steps", branch.moments().stream().map(Imagined::json).toList());
        return json;
    }

    private static Map<String, Object> json(Moment moment) {
        var guess = moment.guess();
        var json = new LinkedHashMap<String, Object>();
        json.put("truth", address(moment.truth()));
        json.put("imagined", address(moment.imagined()));
        json.put("action", moment.action());
        if (!moment.token().isEmpty()) json.put("token", moment.token());
        json.put(
                "tokens",
                moment.expected().entrySet().stream()
                        .map(e -> List.of(e.getKey(), e.getValue()))
                        .toList());
        json.put("reward", List.of(guess.reward(), guess.rewardImagined()));
        json.put("continue", List.of(guess.goesOn(), guess.goesOnImagined()));
        json.put("value", guess.value());
        json.put("return", guess.followed());
        return json;
    }

    private static String address(Image image) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(Png.encode(image, 1));
    }
}
