package dev.orrery.env.tabletop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;

/// The test sets: fixed files of tasks, seeds and wordings, one for each kind of generalisation.
///
/// Results on different files cannot be compared; [#hash] tells them apart.
public enum Split {
    /// Wordings of the demonstrations, new scenes.
    L0("seen phrases, new states"),
    /// Wordings that demonstrations never use.
    L1("held-out phrasings"),
    /// Blocks that demonstrations of the family never name.
    L2("held-out pairs of family and block"),
    /// Kinds that demonstrations never name at all.
    L3("held-out pairs of colour and shape"),
    /// Sequences that demonstrations never contain, of parts that they do.
    L4("held-out ordered compositions"),
    /// Seven or eight blocks.
    L5("seven or eight blocks"),
    /// Other light, background and camera.
    L6("light, background and camera shift"),
    /// Two equally good routes past an obstacle; the mean of both fails. Not a step of the ladder.
    ROUTES("two equally good routes");

    private final String summary;

    Split(String summary) {
        this.summary = summary;
    }

    /// What is new in it, in a few words.
    public String summary() {
        return summary;
    }

    /// Its episodes, in the order of the file.
    public List<Start> starts() {
        return new String(bytes(), StandardCharsets.UTF_8).lines().map(this::start).toList();
    }

    /// Its episodes of some families, in the order of the file.
    public List<Start> starts(List<Family> families) {
        return starts().stream().filter(s -> families.contains(s.task().family())).toList();
    }

    /// The first episodes of each family, in the order of the file.
    ///
    /// @param families which families; empty for all
    /// @param most at most so many of each
    public List<Start> starts(List<Family> families, int most) {
        var counts = new EnumMap<Family, Integer>(Family.class);
        return (families.isEmpty() ? starts() : starts(families))
                .stream()
                        .filter(s -> counts.merge(s.task().family(), 1, Integer::sum) <= most)
                        .toList();
    }

    /// The SHA-256 of its file, in hexadecimal.
    public String hash() {
        return sha256(bytes());
    }

    private Start start(String line) {
        var columns = line.split("\t");
        return start(Task.parse(columns[0]), Long.parseLong(columns[1]), columns[2]);
    }

    /// The episode of this split with a task, seed and wording.
    Start start(Task task, long seed, String phrase) {
        return switch (this) {
            case L0, L1, L2, L3, L4, ROUTES -> Start.of(task, seed, phrase);
            case L5 -> new Start(task, seed, phrase, 7, 8, Look.PLAIN);
            case L6 -> new Start(task, seed, phrase, 3, 6, Look.shifted(seed));
        };
    }

    String file() {
        return name() + ".tsv";
    }

    byte[] bytes() {
        try (var in = Split.class.getResourceAsStream("splits/" + file())) {
            if (in == null) {
                throw new IllegalStateException(
                        "the split file %s is missing from the class path".formatted(file()));
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
