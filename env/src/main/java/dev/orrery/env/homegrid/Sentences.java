package dev.orrery.env.homegrid;

import dev.orrery.env.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Every sentence that may be said in the house, by number, cut into tokens once.
public final class Sentences {

    /// Cuts a sentence into token numbers; silence is `<pad>`, one token.
    @FunctionalInterface
    public interface Coder extends Function<String, int[]> {}

    static final int PAD = 0, TASKS = 1, PLACES = 39, MOVED = 60, LATER = 72, OPENERS = 84;
    static final int TURN = 93, SPILL = 94, CLEANED = 97;

    private static final List<String> ALL = all();

    /// The words of all sentences.
    static final Vocabulary VOCABULARY = Vocabulary.of(ALL);

    /// The sentences cut into words.
    static final Sentences WORDS = new Sentences(VOCABULARY::encode);

    private final int[][] tokens;

    /// Cuts every sentence with this coder; one that it cannot cut may throw only when it is said.
    ///
    /// @param coder for instance the ids of a published tokenizer
    public Sentences(Coder coder) {
        tokens = ALL.stream().map(coder).toArray(int[][]::new);
    }

    /// All sentences, `<pad>` first.
    public static List<String> all() {
        var all = new ArrayList<String>();
        all.add("<pad>");
        Task.ALL.forEach(task -> all.add(task.toString()));
        for (var thing : Thing.values()) {
            for (var room : Room.ALL) {
                all.add("%s is in the %s".formatted(thing, room));
            }
        }
        for (var template :
                List.of("i moved the %s to the %s", "there will be %s in the %s later")) {
            for (int object = 0; object < Thing.OBJECTS; object++) {
                for (var room : Room.ALL) {
                    all.add(template.formatted(Thing.of(object), room));
                }
            }
        }
        for (var opener : List.of("pedal", "grasp", "lift")) {
            for (int bin = Thing.OBJECTS; bin < Thing.COUNT; bin++) {
                all.add("%s to open the %s".formatted(opener, Thing.of(bin)));
            }
        }
        all.add("no, turn around");
        for (int bin = Thing.OBJECTS; bin < Thing.COUNT; bin++) {
            all.add("spill near the %s".formatted(Thing.of(bin)));
        }
        all.add("i cleaned the spill");
        return List.copyOf(all);
    }

    static int place(int thing, int room) {
        return PLACES + 3 * thing + room;
    }

    static int moved(int object, int room) {
        return MOVED + 3 * object + room;
    }

    static int later(int object, int room) {
        return LATER + 3 * object + room;
    }

    static int opener(int way, int bin) {
        return OPENERS + 3 * way + bin - Thing.OBJECTS;
    }

    static int spill(int bin) {
        return SPILL + bin - Thing.OBJECTS;
    }

    static String text(int sentence) {
        return ALL.get(sentence);
    }

    int length(int sentence) {
        return tokens[sentence].length;
    }

    int token(int sentence, int place) {
        return tokens[sentence][place];
    }
}
