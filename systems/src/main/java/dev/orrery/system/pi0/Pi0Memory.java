package dev.orrery.system.pi0;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What an adaptation takes, and what it is of.
final class Pi0Memory {

    private static final int FLOAT = 4, SAMPLE = 1 << 20;

    /// Tensors of a layer's width that are kept for the backward pass: norms, queries, keys,
    /// values, attention's result, projections and sums.
    private static final int KEPT = 10;

    private Pi0Memory() {}

    /// Bytes of weights, of gradients, two moments and an average of what is trained, and of what
    /// is kept for the backward pass; an estimate, attention's own matrices included.
    static long bytes(
            Pi0Config.Model model, int cameras, long frozen, long trained, int batch, int draws) {
        long patches = 0;
        for (int camera = 0; camera < cameras; camera++) {
            long side = (long) model.vision().imageSize(camera) / model.vision().patch();
            patches += side * side;
        }
        long prefix = patches + model.io().textTokens();
        long suffix = (long) draws * model.io().horizon() + 1;
        var language = model.language();
        var expert = model.expert();
        long kept =
                language.depth()
                        * (prefix * (KEPT * language.width() + 3L * language.mlp())
                                + language.heads() * prefix * prefix * 2);
        kept +=
                expert.depth()
                        * (suffix * (KEPT * expert.width() + 3L * expert.mlp())
                                + expert.heads() * suffix * (prefix + suffix) * 2);
        return FLOAT * (frozen + 5 * trained + batch * kept);
    }

    /// What tells one checkpoint from another without reading gigabytes: names, sizes, first and
    /// last mebibyte of its weights.
    static String fingerprint(Path folder) {
        try (var all = Files.list(folder)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var weights =
                    all.filter(f -> f.toString().matches(".*\\.(safetensors|npz)$"))
                            .filter(f -> !f.getFileName().toString().startsWith("policy_"))
                            .sorted()
                            .toList();
            for (var file : weights) {
                digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                add(file, digest);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void add(Path file, MessageDigest digest) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            long size = in.length();
            digest.update(Long.toString(size).getBytes(StandardCharsets.UTF_8));
            for (long from : new long[] {0, Math.max(0, size - SAMPLE)}) {
                var bytes = new byte[(int) Math.min(SAMPLE, size - from)];
                in.seek(from);
                in.readFully(bytes);
                digest.update(bytes);
            }
        }
    }
}
