package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import dev.orrery.env.Interval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Rates that a policy must clear before its success means anything, measured once and shipped.
///
/// @param split where it was measured
/// @param rule which rule acted
/// @param success how often it succeeded
public record Floors(Split split, Rule rule, Interval success) {

    /// The rules.
    public enum Rule {
        /// Every value of the action uniform from -1 to 1, drawn anew at each step.
        RANDOM,
        /// The expert's motion with another block of the scene in the place of the right one.
        WRONG_BLOCK
    }

    private static final String FILE = "floors.tsv";

    /// Measures all floors again and writes them to the folder named by the first argument.
    public static void main(String[] arguments) throws IOException {
        var text =
                Arrays.stream(Split.values())
                        .flatMap(s -> Arrays.stream(Rule.values()).map(r -> measure(s, r)))
                        .map(Floors::line)
                        .collect(Collectors.joining());
        Files.writeString(Path.of(arguments[0]).resolve(FILE), text);
    }

    /// The shipped floors.
    public static List<Floors> all() {
        try (var in = Floors.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(Floors::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String line() {
        return "%s\t%s\t%d\t%d\n".formatted(split, rule, success.successes(), success.trials());
    }

    private static Floors read(String line) {
        var columns = line.split("\t");
        return new Floors(
                Split.valueOf(columns[0]),
                Rule.valueOf(columns[1]),
                Interval.of(Integer.parseInt(columns[2]), Integer.parseInt(columns[3])));
    }

    /// Measures one floor; tasks that name no block have no wrong one and are left out there.
    public static Floors measure(Split split, Rule rule) {
        var outcomes =
                split.starts().stream().parallel().flatMap(s -> outcome(s, rule).stream()).toList();
        int successes = (int) outcomes.stream().filter(o -> o == Outcome.SUCCESS).count();
        return new Floors(split, rule, Interval.of(successes, outcomes.size()));
    }

    private static Optional<Outcome> outcome(Start start, Rule rule) {
        var dice = Dice.of(start.seed(), 7);
        var w = new World();
        start.lay(w, Arm.FOUR);
        return switch (rule) {
            case RANDOM ->
                    Optional.of(Trial.run(w, start.task(), Arm.FOUR, random(dice)).outcome());
            case WRONG_BLOCK ->
                    wrong(w, start.task(), dice)
                            .map(other ->
                                    Trial.run(
                                                    w,
                                                    start.task(),
                                                    Arm.FOUR,
                                                    Trial.expert(other, Arm.FOUR, 0, dice))
                                            .outcome());
        };
    }

    private static Trial.Rule random(Dice dice) {
        return (_, action) -> {
            for (int i = 0; i < action.length; i++) {
                action[i] = dice.between(-1, 1);
            }
        };
    }

    /// The task with a block in the place of its first that it does not name.
    private static Optional<Task> wrong(World w, Task task, Dice dice) {
        var named = task.blocks();
        var others = Kind.ALL.stream().filter(k -> w.find(k) >= 0 && !named.contains(k)).toList();
        return named.isEmpty() || others.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        redirect(task, named.getFirst(), others.get(dice.nextInt(others.size()))));
    }

    private static Task redirect(Task task, Kind from, Kind to) {
        return Task.parse(task.code().replace(from.toString(), to.toString()));
    }
}
