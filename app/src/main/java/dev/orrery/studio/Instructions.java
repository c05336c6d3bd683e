package dev.orrery.studio;

import dev.orrery.env.tabletop.Colour;
import dev.orrery.env.tabletop.Direction;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.Glyph;
import dev.orrery.env.tabletop.Grammar;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.env.tabletop.Tabletop;
import dev.orrery.env.tabletop.Task;
import dev.orrery.run.Nearest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// Reads what somebody types on the tabletop page, by looking it up among all sentences of the
/// grammar, and says what it did not understand.
final class Instructions {

    private static final int SUGGESTIONS = 3, EXAMPLES = 6, ATTEMPTS = 60, SHORTEST = 3;
    private static final Set<String> FILLERS = Set.of("the", "a", "an", "please", "now");

    /// What a sentence turned out to be.
    sealed interface Reading {
        /// A task, and the wording that policies know it by.
        record Clear(Task task, String phrase) implements Reading {}

        /// Nothing that the grammar says; `suggestions` are sentences that it does.
        record Unclear(String text, List<String> suggestions) implements Reading {}
    }

    private final Map<String, Reading.Clear> sentences = new HashMap<>();
    private final Set<String> words = new TreeSet<>();
    private final List<String> whole;

    Instructions() {
        for (var task : tasks()) {
            for (var wording : Grammar.Wording.values()) {
                for (var phrase : Grammar.phrases(task, wording)) {
                    sentences.putIfAbsent(bare(phrase), new Reading.Clear(task, phrase));
                }
            }
        }
        sentences
                .values()
                .forEach(s -> words.addAll(List.of(s.phrase().replace(",", "").split(" "))));
        words.addAll(List.of("then", "first", "and"));
        whole = words.stream().filter(w -> w.length() >= SHORTEST).toList();
    }

    /// Reads a sentence; `scene` decides which suggestions make sense.
    Reading read(String text, Scene scene) {
        var plain = plain(text);
        return find(plain).<Reading>map(found -> found).orElseGet(() -> unclear(plain, scene));
    }

    private Optional<Reading.Clear> find(String plain) {
        var whole = sentences.get(bare(plain));
        if (whole != null) {
            return Optional.of(whole);
        }
        var parts = plain.replaceFirst("^first ", "").split(",? and then |,? then ", 2);
        if (parts.length < 2) {
            return Optional.empty();
        }
        var first = Optional.ofNullable(sentences.get(bare(parts[0])));
        var second = Optional.ofNullable(sentences.get(bare(parts[1])));
        return first.flatMap(a ->
                second.map(b ->
                        new Reading.Clear(
                                new Task.Then(a.task(), b.task()),
                                a.phrase() + ", then " + b.phrase())));
    }

    private Reading.Unclear unclear(String plain, Scene scene) {
        var corrected = new ArrayList<String>();
        var unknown = new ArrayList<String>();
        for (var word : plain.replace(",", "").split(" ")) {
            boolean known = words.contains(word) || FILLERS.contains(word);
            var meant = known ? Optional.of(word) : Nearest.to(word, whole);
            corrected.add(meant.orElse(word));
            if (!known) {
                unknown.add(
                        meant.map(m -> "“%s” (did you mean “%s”?)".formatted(word, m))
                                .orElse("“%s”".formatted(word)));
            }
        }
        var said = String.join(" ", corrected);
        var suggestions =
                find(said).map(found -> List.of(found.phrase())).orElseGet(() -> near(said, scene));
        return new Reading.Unclear(
                unknown.isEmpty()
                        ? "I know these words, but not this sentence. I know sentences like these:"
                        : "I do not know %s.".formatted(String.join(" and ", unknown)),
                suggestions);
    }

    /// Sentences about this scene that share most words with what was said.
    private List<String> near(String said, Scene scene) {
        var wanted = new HashSet<>(List.of(said.split(" ")));
        var there = scene.blocks().stream().map(Scene.Block::kind).toList();
        return sentences.values().stream()
                .filter(s -> there.containsAll(s.task().blocks()))
                .map(Reading.Clear::phrase)
                .sorted(
                        Comparator.<String>comparingDouble(p -> -likeness(wanted, p))
                                .thenComparing(Comparator.naturalOrder()))
                .limit(SUGGESTIONS)
                .toList();
    }

    private static double likeness(Set<String> wanted, String phrase) {
        var own = Set.copyOf(new HashSet<>(List.of(phrase.split(" "))));
        double shared = own.stream().filter(wanted::contains).count();
        return shared / (own.size() + wanted.size() - shared);
    }

    /// Sentences that make sense on this table now, of different families, the same for equal
    /// seeds.
    List<String> examples(Tabletop table, long seed) {
        var random = new SplittableRandom(seed);
        var kinds = table.scene().blocks().stream().map(Scene.Block::kind).toList();
        var zones = table.scene().zones().stream().map(Scene.Zone::colour).toList();
        var examples = new ArrayList<String>();
        var families = new ArrayList<>(Family.CORE);
        families.remove(Family.REACH);
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

    private static Task draw(
            Family family, List<Kind> kinds, List<Colour> zones, SplittableRandom random) {
        int first = random.nextInt(kinds.size());
        var a = kinds.get(first);
        var b = kinds.get((first + 1 + random.nextInt(kinds.size() - 1)) % kinds.size());
        var zone = zones.get(random.nextInt(zones.size()));
        var direction = Direction.values()[random.nextInt(4)];
        return switch (family) {
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

    /// Every task that four degrees of freedom can do, sequences aside.
    private static List<Task> tasks() {
        var all = new ArrayList<Task>();
        all.add(new Task.Press());
        for (var colour : Colour.values()) {
            all.add(new Task.Sort(colour));
            all.add(new Task.Clear(colour));
        }
        for (var a : Kind.ALL) {
            all.addAll(
                    List.of(
                            new Task.Reach(a),
                            new Task.Pick(a),
                            new Task.PutTray(a),
                            new Task.TakeOut(a)));
            for (var direction : Direction.values()) {
                all.add(new Task.PushDir(a, direction));
            }
            for (var colour : Colour.values()) {
                all.add(new Task.PushZone(a, colour));
                all.add(new Task.PutZone(a, colour));
            }
            for (var glyph : Glyph.values()) {
                all.add(new Task.OnSymbol(a, glyph));
            }
            Kind.ALL.stream().filter(b -> !b.equals(a)).forEach(b -> pairs(a, b, all));
        }
        return all;
    }

    private static void pairs(Kind a, Kind b, List<Task> all) {
        all.addAll(
                List.of(
                        new Task.PushTo(a, b),
                        new Task.Stack(a, b),
                        new Task.Unstack(a, b),
                        new Task.Swap(a, b)));
        for (var direction : Direction.values()) {
            all.add(new Task.Beside(a, direction, b));
        }
        for (var c : Kind.ALL) {
            if (!c.equals(a) && !c.equals(b)) {
                all.add(new Task.Tower(a, b, c));
            }
        }
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT)
                .replaceAll("[.!?;:\"“”]", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String bare(String plain) {
        return String.join(
                " ",
                List.of(plain.replace(",", "").split(" ")).stream()
                        .filter(w -> !FILLERS.contains(w))
                        .toList());
    }
}
