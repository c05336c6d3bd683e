package dev.orrery.adapter;

import dev.orrery.nn.Adaptable;
import dev.orrery.tensor.DType;
import dev.orrery.tensor.Grad;
import dev.orrery.tensor.Tensor;
import dev.orrery.tensor.TensorScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// What tells one base from another: the SHA-256 of the adapted layers' paths and shapes, and of up
/// to 1,024 numbers of each of their weights, evenly spaced, as they were before any change.
final class Fingerprint {

    private static final long MOST = 1024;

    private Fingerprint() {}

    /// @param stored gives a layer's weight without changes
    static String of(Map<String, Adaptable> layers, Function<Adaptable, Tensor> stored) {
        try (var _ = Grad.disabled()) {
            var digest = MessageDigest.getInstance("SHA-256");
            new TreeMap<>(layers).forEach((path, layer) -> add(digest, path, stored.apply(layer)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String path, Tensor weight) {
        var named = path + Arrays.toString(weight.shape());
        digest.update(named.getBytes(StandardCharsets.UTF_8));
        try (var _ = TensorScope.open()) {
            long count = weight.numel(), step = Math.max(1, count / MOST);
            var values =
                    weight.detach().reshape(-1).slice(0, 0, count, step).to(DType.F32).toFloats();
            var bytes = ByteBuffer.allocate(Float.BYTES * values.length);
            for (float value : values) bytes.putFloat(value);
            digest.update(bytes.array());
        }
    }
}
