package dev.orrery.policy;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Writes normalised actions as tokens of a language model, one token a dimension, and reads them
/// back.
///
/// The n edges of the bins lie evenly from -1 to 1. A value, clipped to that range, gets the number
/// of edges that it reaches, 1 to n, and that number a token id. Reading gives the middle between
/// two edges; as there are n - 1 of those, +1 and what lies just below it are read alike. What is
/// read differs from what was written by at most 1 / (n - 1).
///
/// Source: OpenVLA, arXiv:2406.09246, and RT-2, arXiv:2307.15818.
public final class ActionTokenizer {

    private static final int SHOWN = 10;

    /// Which ids of a vocabulary stand for bins.
    public enum Mode {
        /// The last n, the lowest value last of all: `size - n` for +1 to `size - 1` for -1. In
        /// Llama's vocabulary these are the ids that text uses least.
        LAST_IDS,
        /// The n that a corpus uses least, later ids first among equals, then as [#LAST_IDS].
        LEAST_USED,
        /// n new ids behind the vocabulary, which the model must have rows for.
        EXTRA,
        /// Words for numbers that the vocabulary has, the smallest number for -1.
        NUMBER_WORDS
    }

    private final Mode mode;
    private final ActionVocabulary vocabulary;
    private final double[] edges;
    private final long[] ids;
    private final Map<Long, Integer> bins = new HashMap<>();

    private ActionTokenizer(Mode mode, ActionVocabulary vocabulary, long[] ids) {
        this.mode = mode;
        this.vocabulary = vocabulary;
        this.ids = ids;
        edges = edges(ids.length);
        for (int k = 0; k < ids.length; k++) {
            bins.put(ids[k], k);
        }
    }

    /// A tokenizer of `bins` bins.
    ///
    /// @throws IllegalArgumentException if there are fewer than two bins, or the vocabulary cannot
    ///   spare the ids; the message lists those that are in the way
    public static ActionTokenizer of(Mode mode, ActionVocabulary vocabulary, int bins) {
        if (bins < 2) {
            throw new IllegalArgumentException(
                    "action tokens: %d bins; use at least 2".formatted(bins));
        }
        var ids =
                switch (mode) {
                    case LAST_IDS -> lastIds(vocabulary, bins);
                    case LEAST_USED -> leastUsed(vocabulary, bins);
                    case EXTRA -> downwards(vocabulary.size() + bins, bins);
                    case NUMBER_WORDS -> numbers(vocabulary, bins);
                };
        return new ActionTokenizer(mode, vocabulary, ids);
    }

    /// A tokenizer whose ids were chosen before and kept with the model's weights.
    ///
    /// @param ids of all bins, the lowest values first
    /// @throws IllegalArgumentException if an id occurs twice or is not the vocabulary's
    public static ActionTokenizer stored(Mode mode, ActionVocabulary vocabulary, long[] ids) {
        var tokenizer = new ActionTokenizer(mode, vocabulary, ids.clone());
        boolean known = LongStream.of(ids).allMatch(id -> id >= 0 && id < tokenizer.rows());
        if (ids.length < 2 || tokenizer.bins.size() < ids.length || !known) {
            throw new IllegalArgumentException(
                    "action tokens: %d stored ids, %d of them different, for a vocabulary of %d; they must differ and be among its ids"
                            .formatted(ids.length, tokenizer.bins.size(), vocabulary.size()));
        }
        return tokenizer;
    }

    private static long[] downwards(long end, int bins) {
        return LongStream.rangeClosed(1, bins).map(k -> end - k).toArray();
    }

    private static long[] lastIds(ActionVocabulary vocabulary, int bins) {
        long first = vocabulary.size() - bins;
        var conflicts =
                vocabulary.kept().tailMap(first).entrySet().stream()
                        .filter(e -> e.getKey() < vocabulary.size())
                        .toList();
        if (first < 0 || !conflicts.isEmpty()) {
            throw new IllegalArgumentException(
                    "action tokens: the last %d of %d ids are not free: %s; use another vocabulary size (without what was added to it) or the mode EXTRA"
                            .formatted(
                                    bins,
                                    vocabulary.size(),
                                    first < 0 ? "there are not so many" : named(conflicts)));
        }
        return downwards(vocabulary.size(), bins);
    }

    private static String named(List<Map.Entry<Long, String>> conflicts) {
        var some =
                conflicts.stream()
                        .limit(SHOWN)
                        .map(e -> "%d is '%s'".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(", "));
        return conflicts.size() > SHOWN
                ? "%s and %d more".formatted(some, conflicts.size() - SHOWN)
                : some;
    }

    private static long[] leastUsed(ActionVocabulary vocabulary, int bins) {
        var free =
                LongStream.range(0, vocabulary.size())
                        .filter(id -> !vocabulary.kept().containsKey(id))
                        .boxed()
                        .sorted(
                                Comparator.<Long>comparingLong(
                                                id -> vocabulary.counts().getOrDefault(id, 0L))
                                        .thenComparing(Comparator.reverseOrder()))
                        .limit(bins)
                        .sorted(Comparator.reverseOrder())
                        .mapToLong(Long::longValue)
                        .toArray();
        if (free.length < bins) {
            throw new IllegalArgumentException(
                    "action tokens: %d bins, but only %d of %d ids may be overwritten; use fewer bins or the mode EXTRA"
                            .formatted(bins, free.length, vocabulary.size()));
        }
        return free;
    }

    private static long[] numbers(ActionVocabulary vocabulary, int bins) {
        if (vocabulary.numbers().size() != bins) {
            throw new IllegalArgumentException(
                    "action tokens: %d bins, but the vocabulary has %d words for numbers; use as many bins as there are"
                            .formatted(bins, vocabulary.numbers().size()));
        }
        return vocabulary.numbers().stream().mapToLong(Long::longValue).toArray();
    }

    /// As `numpy.linspace(-1, 1, n)` computes them, to the last bit.
    private static double[] edges(int count) {
        double step = 2.0 / Math.max(1, count - 1);
        var edges = new double[count];
        for (int i = 0; i < count; i++) {
            edges[i] = i * step - 1;
        }
        edges[count - 1] = 1;
        return edges;
    }

    /// Which ids are used.
    public Mode mode() {
        return mode;
    }

    /// The number of bins n.
    public int bins() {
        return ids.length;
    }

    /// Rows that the model's table of embeddings needs at least.
    public long rows() {
        return mode == Mode.EXTRA ? vocabulary.size() + ids.length : vocabulary.size();
    }

    /// The ids of all bins, the lowest values first.
    public long[] ids() {
        return ids.clone();
    }

    /// The id of a normalised value, which is clipped to [-1, 1].
    ///
    /// @throws IllegalArgumentException if it is not a number
    public long id(double value) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(
                    "action tokens: a value is NaN; repair the data first");
        }
        return ids[reached(Math.clamp(value, -1, 1)) - 1];
    }

    /// How many edges a value reaches, 1 to n.
    private int reached(double value) {
        int at = java.util.Arrays.binarySearch(edges, value);
        return at >= 0 ? at + 1 : -at - 1;
    }

    /// The ids of an action, dimension by dimension.
    public long[] encode(float[] action) {
        var out = new long[action.length];
        for (int d = 0; d < action.length; d++) {
            out[d] = id(action[d]);
        }
        return out;
    }

    /// The bin of an id, 0 for the lowest values; empty if the id is none of an action.
    public OptionalInt bin(long id) {
        var bin = bins.get(id);
        return bin == null ? OptionalInt.empty() : OptionalInt.of(bin);
    }

    /// The value in the middle of an id's bin.
    ///
    /// @throws IllegalArgumentException if the id is none of an action
    public double value(long id) {
        var bin = bins.get(id);
        if (bin == null) {
            throw new IllegalArgumentException(
                    "action tokens: id %d stands for no bin; decode with the ids of actions only, or read as published"
                            .formatted(id));
        }
        return middle(bin);
    }

    /// The value of any id as the published code reads it: counted down from the vocabulary's size
    /// and clipped to the bins there are, so that text reads as an extreme action.
    ///
    /// @throws IllegalStateException in another mode than [Mode#LAST_IDS], which is not published
    public double valueAsPublished(long id) {
        if (mode != Mode.LAST_IDS) {
            throw new IllegalStateException(
                    "action tokens: only the mode LAST_IDS can be read as published, this is %s"
                            .formatted(mode));
        }
        return middle(Math.clamp(vocabulary.size() - id - 1, 0, ids.length - 1));
    }

    private double middle(int bin) {
        int lower = Math.min(bin, ids.length - 2);
        return (edges[lower] + edges[lower + 1]) / 2;
    }

    /// The values of an action's ids, see [#value].
    public double[] decode(long[] action) {
        return LongStream.of(action).mapToDouble(this::value).toArray();
    }

    /// The ids that the corpus uses and that are lost to texts, with their counts.
    public SequencedMap<Long, Long> displaced() {
        var lost = new TreeMap<Long, Long>();
        if (mode == Mode.LAST_IDS || mode == Mode.LEAST_USED) {
            IntStream.range(0, ids.length)
                    .mapToLong(k -> ids[k])
                    .filter(id -> vocabulary.counts().getOrDefault(id, 0L) > 0)
                    .forEach(id -> lost.put(id, vocabulary.counts().get(id)));
        }
        return Collections.unmodifiableSequencedMap(lost);
    }
}
