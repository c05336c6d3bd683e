package dev.orrery.env.messenger;

import dev.orrery.env.Vocabulary;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sentences that manuals are made of: for each character, role and movement several that say
/// the same.
///
/// [#templates] are our own; [#of] takes any others, for instance the published crowd-sourced ones.
public final class Script {

    /// Which paraphrases are used; those of one part never occur in another.
    public enum Part {
        TRAINING,
        VALIDATION,
        TEST
    }

    /// A sentence and its words' numbers, with an end.
    ///
    /// @param text the sentence
    /// @param tokens its words' numbers, then [Vocabulary#END]
    public record Sentence(String text, int[] tokens) {}

    private record Topic(Entity entity, Role role, Optional<Movement> movement) {}

    private static final Map<Part, Script> TEMPLATES = new EnumMap<>(Part.class);
    private static final Script MINI = withWords(mini());

    static {
        var all = new ArrayList<String>();
        for (var part : Part.values()) {
            templates(part, Templates::sentences).values().forEach(all::addAll);
        }
        var vocabulary = Vocabulary.of(all);
        for (var part : Part.values()) {
            TEMPLATES.put(part, new Script(templates(part, Templates::sentences), vocabulary));
        }
    }

    private final Map<Topic, List<Sentence>> sentences = new LinkedHashMap<>();
    private final Vocabulary vocabulary;

    private Script(Map<Topic, List<String>> texts, Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        texts.forEach((topic, lines) ->
                sentences.put(topic, lines.stream().map(this::sentence).toList()));
    }

    private Sentence sentence(String text) {
        var words = vocabulary.encode(text);
        var tokens = java.util.Arrays.copyOf(words, words.length + 1);
        tokens[words.length] = Vocabulary.END;
        return new Sentence(text, tokens);
    }

    /// Our own templates: three names for each character and, for each role and movement, four
    /// paraphrases in training and two others in each of the other parts. One vocabulary serves all
    /// parts.
    public static Script templates(Part part) {
        return TEMPLATES.get(part);
    }

    /// One plain sentence for each character and role, for the small variant of stage 1.
    static Script plain() {
        return MINI;
    }

    private interface Writer {
        List<String> write(Part part, Entity entity, Role role, Optional<Movement> movement);
    }

    private static Map<Topic, List<String>> templates(Part part, Writer writer) {
        var texts = new LinkedHashMap<Topic, List<String>>();
        for (var entity : Entity.values()) {
            for (var role : Role.values()) {
                for (var movement : Movement.values()) {
                    var how = Optional.of(movement);
                    texts.put(new Topic(entity, role, how), writer.write(part, entity, role, how));
                }
                texts.put(
                        new Topic(entity, role, Optional.empty()),
                        writer.write(part, entity, role, Optional.empty()));
            }
        }
        return texts;
    }

    private static Map<Topic, List<String>> mini() {
        return templates(
                Part.TRAINING,
                (_, entity, role, _) ->
                        List.of(
                                "the %s is the %s"
                                        .formatted(
                                                entity.names().getFirst(),
                                                role.name().toLowerCase(java.util.Locale.ROOT))));
    }

    private static Script withWords(Map<Topic, List<String>> texts) {
        return new Script(
                texts, Vocabulary.of(texts.values().stream().flatMap(List::stream).toList()));
    }

    /// A script of other sentences, by character, role and movement, as in the published text
    /// files; the movement `unknown` stands for sentences that do not tell it.
    ///
    /// @param texts character name to role name to movement name to sentences
    /// @throws IllegalArgumentException for a name that Messenger does not know
    public static Script of(
            Map<String, ? extends Map<String, ? extends Map<String, ? extends List<String>>>>
                    texts) {
        var topics = new LinkedHashMap<Topic, List<String>>();
        texts.forEach((name, roles) -> {
            var entity = Entity.named(name);
            roles.forEach((role, movements) ->
                    movements.forEach((movement, lines) ->
                            topics.put(
                                    new Topic(entity, role(role), movement(movement)),
                                    List.copyOf(lines))));
        });
        return withWords(topics);
    }

    private static Role role(String name) {
        for (var role : Role.values()) {
            if (role.name().equalsIgnoreCase(name)) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                "messenger has no role '%s'; choose enemy, message or goal".formatted(name));
    }

    private static Optional<Movement> movement(String name) {
        var movement = Movement.named(name);
        if (movement.isEmpty() && !name.equals("unknown")) {
            throw new IllegalArgumentException(
                    "messenger has no movement '%s'; choose chaser, fleeing, immovable or unknown"
                            .formatted(name));
        }
        return movement;
    }

    /// What may be said of a character; empty if this script has nothing.
    public List<Sentence> about(Entity entity, Role role, Optional<Movement> movement) {
        return sentences.getOrDefault(new Topic(entity, role, movement), List.of());
    }

    /// The words of all sentences.
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /// Every sentence, for training on text alone.
    public List<String> corpus() {
        return sentences.values().stream().flatMap(List::stream).map(Sentence::text).toList();
    }
}
