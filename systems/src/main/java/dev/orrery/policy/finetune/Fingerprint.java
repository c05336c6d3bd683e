package dev.orrery.policy.finetune;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What tells a checkpoint from another one.
public final class Fingerprint {

    private static final int SAMPLE = 1 << 20;

    private Fingerprint() {}

    /// What tells one checkpoint from another without reading gigabytes: names, sizes, first and
    /// last mebibyte of its weights.
    public static String of(Path folder) {
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
