package dev.orrery.env.messenger;

import dev.orrery.env.messenger.Script.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Our own sentences about characters.
///
/// `N` stands for a name, `M` for how it moves; the second form of a paraphrase does not tell that.
final class Templates {

    private record Paraphrase(String moving, String plain) {}

    private Templates() {}

    /// Every sentence of a part about one character.
    static List<String> sentences(
            Part part, Entity entity, Role role, Optional<Movement> movement) {
        var lines = new ArrayList<String>();
        var paraphrases = paraphrases(part, role);
        for (int k = 0; k < paraphrases.size(); k++) {
            var paraphrase = paraphrases.get(k);
            int place = k;
            var pattern =
                    movement.map(m -> paraphrase.moving().replace("M", moves(part, m).get(place)))
                            .orElse(paraphrase.plain());
            entity.names().forEach(name -> lines.add(pattern.replace("N", name)));
        }
        return List.copyOf(lines);
    }

    private static List<Paraphrase> paraphrases(Part part, Role role) {
        return switch (part) {
            case TRAINING -> training(role);
            case VALIDATION -> validation(role);
            case TEST -> test(role);
        };
    }

    private static List<Paraphrase> training(Role role) {
        return switch (role) {
            case ENEMY ->
                    List.of(
                            new Paraphrase("the N that M is the enemy", "the N is the enemy"),
                            new Paraphrase("beware of the N that M", "beware of the N"),
                            new Paraphrase("the N M and is deadly", "the N is deadly"),
                            new Paraphrase("your foe is the N that M", "your foe is the N"));
            case MESSAGE ->
                    List.of(
                            new Paraphrase("the N that M has the message", "the N has the message"),
                            new Paraphrase(
                                    "the N M and carries the secret note",
                                    "the N carries the secret note"),
                            new Paraphrase(
                                    "take the message from the N that M",
                                    "take the message from the N"),
                            new Paraphrase(
                                    "the secret is with the N that M", "the secret is with the N"));
            case GOAL ->
                    List.of(
                            new Paraphrase("the N that M is the goal", "the N is the goal"),
                            new Paraphrase(
                                    "bring the message to the N that M",
                                    "bring the message to the N"),
                            new Paraphrase("the N M and awaits the note", "the N awaits the note"),
                            new Paraphrase("your target is the N that M", "your target is the N"));
        };
    }

    private static List<Paraphrase> validation(Role role) {
        return switch (role) {
            case ENEMY ->
                    List.of(
                            new Paraphrase("stay away from the N that M", "stay away from the N"),
                            new Paraphrase("the enemy is the N which M", "the enemy is the N"));
            case MESSAGE ->
                    List.of(
                            new Paraphrase(
                                    "the message is with the N that M",
                                    "the message is with the N"),
                            new Paraphrase(
                                    "fetch the note from the N which M",
                                    "fetch the note from the N"));
            case GOAL ->
                    List.of(
                            new Paraphrase("the goal is the N that M", "the goal is the N"),
                            new Paraphrase(
                                    "give the secret to the N which M",
                                    "give the secret to the N"));
        };
    }

    private static List<Paraphrase> test(Role role) {
        return switch (role) {
            case ENEMY ->
                    List.of(
                            new Paraphrase("a deadly foe is the N that M", "a deadly foe is the N"),
                            new Paraphrase("do not touch the N which M", "do not touch the N"));
            case MESSAGE ->
                    List.of(
                            new Paraphrase(
                                    "the secret note is held by the N that M",
                                    "the secret note is held by the N"),
                            new Paraphrase("first go to the N which M", "first go to the N"));
            case GOAL ->
                    List.of(
                            new Paraphrase(
                                    "the message is for the N that M", "the message is for the N"),
                            new Paraphrase("at last go to the N which M", "at last go to the N"));
        };
    }

    /// One way to tell a movement for each paraphrase of the part.
    private static List<String> moves(Part part, Movement movement) {
        return switch (part) {
            case TRAINING ->
                    switch (movement) {
                        case CHASER ->
                                List.of(
                                        "is chasing you",
                                        "follows you",
                                        "comes closer",
                                        "hunts you");
                        case FLEEING ->
                                List.of(
                                        "is running away",
                                        "flees from you",
                                        "keeps far from you",
                                        "escapes");
                        case IMMOVABLE ->
                                List.of(
                                        "does not move",
                                        "stands still",
                                        "stays in place",
                                        "never moves");
                    };
            case VALIDATION ->
                    switch (movement) {
                        case CHASER -> List.of("comes closer to you", "is hunting you");
                        case FLEEING -> List.of("keeps running from you", "runs away");
                        case IMMOVABLE -> List.of("stays still", "does not leave its place");
                    };
            case TEST ->
                    switch (movement) {
                        case CHASER -> List.of("keeps following you", "is coming to you");
                        case FLEEING -> List.of("is fleeing", "moves away from you");
                        case IMMOVABLE -> List.of("is not moving", "keeps its place");
                    };
        };
    }
}
