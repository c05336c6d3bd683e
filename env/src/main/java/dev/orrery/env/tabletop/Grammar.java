package dev.orrery.env.tabletop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Writes and reads instructions.
public final class Grammar {

    /// Which wordings: those of demonstrations, or those kept for testing.
    public enum Wording {
        TRAINING,
        HELD_OUT
    }

    private Grammar() {}

    /// Every wording of a task, in a fixed order.
    ///
    /// A held-out wording of a sequence joins training wordings in a new way, or held-out wordings
    /// in the usual way.
    public static List<String> phrases(Task task, Wording wording) {
        if (task instanceof Task.Then(var first, var second)) {
            var joint = Templates.of(Family.SEQ2);
            var all = new ArrayList<String>();
            for (var inner : Wording.values()) {
                boolean usual = inner == wording;
                if (usual || wording == Wording.HELD_OUT) {
                    var template = (usual ? joint.training() : joint.heldOut()).getFirst();
                    all.addAll(join(template, phrases(first, inner), phrases(second, inner)));
                }
            }
            return all;
        }
        var slots = slots(task);
        return Templates.of(task.family()).of(wording).stream()
                .map(template -> write(template, slots))
                .toList();
    }

    private static List<String> join(String template, List<String> first, List<String> second) {
        return first.stream()
                .flatMap(
                        a -> second.stream().map(b -> template.replace("{a}", a).replace("{b}", b)))
                .toList();
    }

    private static String write(String template, Map<String, String> slots) {
        var text = template;
        for (var slot : slots.entrySet()) {
            text = text.replace(slot.getKey(), slot.getValue());
        }
        return text;
    }

    private static Map<String, String> slots(Task task) {
        var slots = new HashMap<String, String>();
        var names = List.of("{o}", "{p}", "{q}");
        var blocks = task.blocks();
        for (int i = 0; i < Math.min(3, blocks.size()); i++) {
            slots.put(names.get(i), blocks.get(i).words());
        }
        switch (task) {
            case Task.PushZone(_, var c) -> slots.put("{c}", c.word());
            case Task.PutZone(_, var c) -> slots.put("{c}", c.word());
            case Task.PushAround(_, _, var c) -> slots.put("{c}", c.word());
            case Task.Sort(var c) -> slots.put("{c}", c.word());
            case Task.Clear(var c) -> slots.put("{c}", c.word());
            case Task.PushDir(_, var d) -> slots.put("{d}", d.word());
            case Task.Align(_, var d) -> slots.put("{d}", d.word());
            case Task.Beside(_, var d, _) -> slots.put("{r}", d.side());
            case Task.OnSymbol(_, var g) -> slots.put("{g}", g.words());
            case Task.Reach _, Task.Press _, Task.PushTo _, Task.Pick _, Task.PutTray _ -> {}
            case Task.Stack _, Task.TakeOut _, Task.Unstack _, Task.Swap _, Task.Tower _ -> {}
            case Task.Then _ -> {}
        }
        return slots;
    }

    /// Reads an instruction, in any wording of the grammar; articles, case and punctuation do not
    /// matter.
    public static Reading parse(String text) {
        var unknown = Words.unknown(text);
        if (!unknown.isEmpty()) {
            return new Reading.Unclear(explain(unknown), unknown);
        }
        var words = plain(Words.split(text));
        if (words.isEmpty()) {
            return new Reading.Unclear("the instruction is empty; say what to do", List.of());
        }
        for (int at = 1; at < words.size(); at++) {
            if (words.get(at).equals("then")) {
                int end = words.get(at - 1).equals("and") ? at - 1 : at;
                var first = single(words.subList(0, end));
                var second = single(words.subList(at + 1, words.size()));
                if (first.isPresent() && second.isPresent()) {
                    return new Reading.Understood(new Task.Then(first.get(), second.get()));
                }
            }
        }
        return single(words)
                .<Reading>map(Reading.Understood::new)
                .orElseGet(() -> new Reading.Unclear(suggest(words), List.of()));
    }

    private static List<String> plain(List<String> words) {
        return words.stream().filter(word -> !word.equals("the")).toList();
    }

    private static String explain(List<String> unknown) {
        return unknown.stream()
                .map(word -> "'%s' (nearest: '%s')".formatted(word, Words.nearest(word)))
                .collect(Collectors.joining(", ", "unknown words: ", ""));
    }

    /// Names the wording that shares most words with what was written.
    private static String suggest(List<String> words) {
        var best = "";
        long most = -1;
        for (var family : Family.values()) {
            for (var template : Templates.of(family).training()) {
                long shared = Words.split(template).stream().filter(words::contains).count();
                if (shared > most) {
                    most = shared;
                    best = template;
                }
            }
        }
        var example =
                best.replace("{o}", "red star")
                        .replace("{p}", "blue cube")
                        .replace("{q}", "green disc")
                        .replace("{c}", "red")
                        .replace("{d}", "left")
                        .replace("{r}", "left of")
                        .replace("{g}", "letter a")
                        .replace("{a}", "press the button")
                        .replace("{b}", "pick up the red star");
        return "every word is known, but not the sentence; try one such as '%s'".formatted(example);
    }

    private static Optional<Task> single(List<String> words) {
        for (var family : Family.values()) {
            for (var wording : Wording.values()) {
                for (var template : Templates.of(family).of(wording)) {
                    var task = match(family, template, words);
                    if (task.isPresent()) {
                        return task;
                    }
                }
            }
        }
        return Optional.empty();
    }

    /// Fills a template's slots from the words, or fails.
    private static Optional<Task> match(Family family, String template, List<String> words) {
        var slots = new HashMap<String, String>();
        int at = 0;
        for (var piece : plain(Arrays.asList(template.split("[ ,]+")))) {
            int taken = take(piece, words, at, slots);
            if (taken == 0) {
                return Optional.empty();
            }
            at += taken;
        }
        return at == words.size() && family != Family.SEQ2
                ? Optional.of(task(family, slots))
                : Optional.empty();
    }

    /// How many words a piece of a template uses up, 0 if it does not fit.
    private static int take(String piece, List<String> words, int at, Map<String, String> slots) {
        if (!piece.startsWith("{")) {
            return at < words.size() && words.get(at).equals(piece) ? 1 : 0;
        }
        for (int length = 1; length <= 2 && at + length <= words.size(); length++) {
            var text = String.join(" ", words.subList(at, at + length));
            var code = code(piece, text);
            if (code.isPresent()) {
                slots.put(piece, code.get());
                return length;
            }
        }
        return 0;
    }

    /// What the words in a slot stand for, as in a task's code.
    private static Optional<String> code(String slot, String text) {
        return switch (slot) {
            case "{o}", "{p}", "{q}" ->
                    Kind.ALL.stream()
                            .filter(k -> k.words().equals(text))
                            .map(Kind::toString)
                            .findFirst();
            case "{c}" ->
                    Arrays.stream(Colour.values())
                            .map(Colour::word)
                            .filter(text::equals)
                            .findFirst();
            case "{d}" ->
                    Arrays.stream(Direction.values())
                            .map(Direction::word)
                            .filter(text::equals)
                            .findFirst();
            case "{r}" ->
                    Arrays.stream(Direction.values())
                            .filter(d -> d.side().equals(text))
                            .map(Direction::word)
                            .findFirst();
            case "{g}" ->
                    Arrays.stream(Glyph.values())
                            .filter(g -> g.words().equals(text))
                            .map(Glyph::word)
                            .findFirst();
            default -> Optional.empty();
        };
    }

    private static Task task(Family family, Map<String, String> slots) {
        var code = new StringBuilder(family.toString());
        for (var slot : List.of("{o}", "{d}", "{r}", "{g}", "{p}", "{q}", "{c}")) {
            if (slots.containsKey(slot)) {
                code.append(' ').append(slots.get(slot));
            }
        }
        return Task.parse(code.toString());
    }
}
