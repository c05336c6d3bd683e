package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes the files of the [Split]s: equal bytes each time.
public final class SplitFiles {

    private static final int EACH = 50, EACH_SEQUENCE = 40;
    private static final long ORIGIN = 0x7461626c65746f70L;

    private SplitFiles() {}

    /// Writes all files to the folder named by the first argument.
    public static void main(String[] arguments) throws IOException {
        var folder = Files.createDirectories(Path.of(arguments[0]));
        for (var split : Split.values()) {
            Files.writeString(folder.resolve(split.file()), generate(split));
        }
    }

    /// The content of a split's file: task, seed and wording, separated by tabs.
    public static String generate(Split split) {
        var text = new StringBuilder();
        if (split == Split.L4) {
            var pairs = HeldOut.sequences(true);
            for (int p = 0; p < pairs.size(); p++) {
                for (int k = 0; k < EACH_SEQUENCE; k++) {
                    text.append(line(split, Family.SEQ2, pairs.get(p), p * EACH_SEQUENCE + k));
                }
            }
            return text.toString();
        }
        for (var family : families(split)) {
            for (int k = 0; k < (split == Split.ROUTES ? 2 * EACH : EACH); k++) {
                text.append(line(split, family, List.of(), k));
            }
        }
        return text.toString();
    }

    /// The button is no block, so L2 and L3 leave it out.
    static List<Family> families(Split split) {
        return switch (split) {
            case L2, L3 -> Family.CORE.stream().filter(f -> f != Family.BUTTON).toList();
            case L4 -> List.of(Family.SEQ2);
            case ROUTES -> List.of(Family.TWO_ROUTE);
            case L0, L1, L5, L6 -> Family.CORE;
        };
    }

    private static String line(Split split, Family family, List<Family> pair, int k) {
        var origin = Dice.of(ORIGIN + split.ordinal(), family.ordinal() * 10_000L + k);
        while (true) {
            long seed = origin.nextLong() | Long.MIN_VALUE;
            var dice = Dice.of(seed, 1);
            var task = task(split, family, pair, dice);
            var wording = split == Split.L1 ? Grammar.Wording.HELD_OUT : Grammar.Wording.TRAINING;
            var phrases = Grammar.phrases(task, wording);
            var start = split.start(task, seed, phrases.get(dice.nextInt(phrases.size())));
            if (fits(start)) {
                return "%s\t%d\t%s\n".formatted(task.code(), seed, start.phrase());
            }
        }
    }

    private static Task task(Split split, Family family, List<Family> pair, Dice dice) {
        return switch (split) {
            case L0, L1, L5, L6, ROUTES -> Tasks.training(family, dice);
            case L2 -> drawUntil(family, dice, HeldOut::newPair);
            case L3 -> drawUntil(family, dice, HeldOut::newKind);
            case L4 -> Tasks.sequence(List.of(pair), dice);
        };
    }

    private static Task drawUntil(
            Family family, Dice dice, java.util.function.Predicate<Task> wanted) {
        while (true) {
            var task = Tasks.draw(family, dice);
            if (wanted.test(task)) {
                return task;
            }
        }
    }

    private static boolean fits(Start start) {
        try {
            start.lay(new World(), Trial.armFor(start.task()));
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
