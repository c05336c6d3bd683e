package dev.orrery.studio;

import dev.orrery.env.Nearest;
import dev.orrery.env.tabletop.Colour;
import dev.orrery.env.tabletop.Direction;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.env.tabletop.Task;
import dev.orrery.env.tabletop.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/// Reads what somebody types on the tabletop page, and says what it did not understand and what
/// could be said instead.
final class Instructions {

    private static final int SUGGESTIONS = 3, EXAMPLES = 6, FEWEST = 3, ATTEMPTS = 60, SHORTEST = 3;

    /// Words that somebody may have meant; letters on pads are too short to be meant.
    private static final List<String> KNOWN =
            Words.all().stream()
                    .filter(word -> word.length() >= SHORTEST && !word.startsWith("<"))
                    .toList();

    /// What a sentence turned out to be.
    sealed interface Reading {
        /// A task, and the words for it.
        record Clear(Task task, String phrase) implements Reading {}

        /// Nothing that the grammar says; `suggestions` are sentences that it does.
        record Unclear(String text, List<String> suggestions) implements Reading {}
    }

    /// Reads a sentence; `scene` decides which suggestions make sense.
    Reading read(String text, Scene scene) {
        var plain = plain(text);
        return task(plain)
                .<Reading>map(task -> new Reading.Clear(task, plain))
                .orElseGet(() -> unclear(plain, scene));
    }

    private static Optional<Task> task(String plain) {
        return Grammar.parse(plain) instanceof dev.orrery.env.tabletop.Reading.Understood(var task)
                ? Optional.of(task)
                : Optional.empty();
    }

    private static Reading.Unclear unclear(String plain, Scene scene) {
        var said = plain;
        var unknown = new ArrayList<String>();
        for (var word : Words.unknown(plain)) {
            var meant = Nearest.to(word, KNOWN);
            unknown.add(
                    meant.map(m -> "“%s” (did you mean “%s”?)".formatted(word, m))
                            .orElse("“%s”".formatted(word)));
            said = said.replaceAll("\\b" + Pattern.quote(word) + "\\b", meant.orElse(word));
        }
        var corrected = said;
        return new Reading.Unclear(
                unknown.isEmpty()
                        ? "I know these words, but not this sentence. I know sentences like these:"
                        : "I do not know %s.".formatted(String.join(" and ", unknown)),
                task(corrected)
                        .map(_ -> List.of(corrected))
                        .orElseGet(() -> near(corrected, scene)));
    }

    /// Sentences about this scene that share most words with what was said.
    private static List<String> near(String said, Scene scene) {
        var wanted =
                Set.copyOf(List.of(said.replace(",", "").split(" ")).stream().distinct().toList());
        var kinds = scene.blocks().stream().map(Scene.Block::kind).toList();
        var zones = scene.zones().stream().map(Scene.Zone::colour).toList();
        return tasks(kinds, zones).stream()
                .flatMap(task -> Grammar.phrases(task, Grammar.Wording.TRAINING).stream())
                .sorted(
                        Comparator.<String>comparingDouble(p -> -likeness(wanted, p))
                                .thenComparing(Comparator.naturalOrder()))
                .limit(SUGGESTIONS)
                .toList();
    }

    private static double likeness(Set<String> wanted, String phrase) {
        var own = Set.copyOf(List.of(phrase.split(" ")).stream().distinct().toList());
        double shared = own.stream().filter(wanted::contains).count();
        return shared / (own.size() + wanted.size() - shared);
    }

    /// What could be asked for about these blocks and zones, one or two of them at a time.
    private static List<Task> tasks(List<Kind> kinds, List<Colour> zones) {
        var all = new ArrayList<Task>(List.of(new Task.Press()));
        for (var a : kinds) {
            all.addAll(
                    List.of(
                            new Task.Reach(a),
                            new Task.Pick(a),
                            new Task.PutTray(a),
                            new Task.TakeOut(a)));
            for (var direction : Direction.values()) {
                all.add(new Task.PushDir(a, direction));
            }
            for (var zone : zones) {
                all.addAll(List.of(new Task.PushZone(a, zone), new Task.PutZone(a, zone)));
            }
            for (var b : kinds) {
                if (!b.equals(a)) {
                    all.addAll(
                            List.of(
                                    new Task.PushTo(a, b),
                                    new Task.Stack(a, b),
                                    new Task.Unstack(a, b)));
                }
            }
        }
        return all;
    }

    /// Sentences that make sense on this table now, of different families, the same for equal
    /// seeds. Of a policy that knows some families only those are asked for, and of those the ones
    /// at which it was measured to succeed more often than not.
    List<String> examples(Tabletop table, long seed, PolicySource.Skill skill) {
        var random = new SplittableRandom(seed);
        var kinds = table.scene().blocks().stream().map(Scene.Block::kind).toList();
        var zones = table.scene().zones().stream().map(Scene.Zone::colour).toList();
        var examples = new ArrayList<String>();
        var families = families(skill);
        for (int i = 0; i < ATTEMPTS && examples.size() < EXAMPLES && !families.isEmpty(); i++) {
            var family = families.get(random.nextInt(families.size()));
            var task = draw(family, kinds, zones, random);
            var phrase = Grammar.phrases(task, Grammar.Wording.TRAINING).getFirst();
            try {
                table.fork().instruct(task, phrase, family.limit());
                examples.add(phrase);
                families.remove(family);
            } catch (IllegalArgumentException _) {
                // Not on this table; another is drawn.
            }
        }
        return examples;
    }

    private static List<Family> families(PolicySource.Skill skill) {
        var known =
                Family.CORE.stream()
                        .filter(f ->
                                skill.trained().isEmpty()
                                        ? f != Family.REACH
                                        : skill.trained().contains(f))
                        .toList();
        var good = known.stream().filter(f -> skill.measured().getOrDefault(f, 1.) > .5).toList();
        return new ArrayList<>(good.size() < FEWEST ? known : good);
    }

    private static Task draw(
            Family family, List<Kind> kinds, List<Colour> zones, SplittableRandom random) {
        int first = random.nextInt(kinds.size());
        var a = kinds.get(first);
        var b = kinds.get((first + 1 + random.nextInt(kinds.size() - 1)) % kinds.size());
        var zone = zones.get(random.nextInt(zones.size()));
        var direction = Direction.values()[random.nextInt(4)];
        return switch (family) {
            case REACH -> new Task.Reach(a);
            case BUTTON -> new Task.Press();
            case PUSH_DIR -> new Task.PushDir(a, direction);
            case PUSH_ZONE -> new Task.PushZone(a, zone);
            case PUSH_TO -> new Task.PushTo(a, b);
            case PUT_ZONE -> new Task.PutZone(a, zone);
            case PUT_TRAY -> new Task.PutTray(a);
            case STACK -> new Task.Stack(a, b);
            case BESIDE -> new Task.Beside(a, direction, b);
            case TAKE_OUT -> new Task.TakeOut(a);
            case UNSTACK -> new Task.Unstack(a, b);
            default -> new Task.Pick(a);
        };
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT)
                .replaceAll("[.!?;:\"“”]", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
