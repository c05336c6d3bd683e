package dev.orrery.env;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds what somebody meant who mistyped a name.
public final class Nearest {

    private Nearest() {}

    /// The known name closest to `name`, if one is close enough to be meant: at most a third of its
    /// letters differ, or one begins with the other.
    public static Optional<String> to(String name, Collection<String> known) {
        return known.stream()
                .filter(k -> meant(name, k))
                .min(
                        Comparator.<String>comparingInt(k -> distance(fold(name), fold(k)))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /// A sentence for an error message: `did you mean 'layers'? known: heads, layers`.
    public static String hint(String name, Collection<String> known) {
        var list = "known: " + String.join(", ", known);
        return to(name, known).map(n -> "did you mean '%s'? %s".formatted(n, list)).orElse(list);
    }

    private static boolean meant(String name, String known) {
        var a = fold(name);
        var b = fold(known);
        if (a.length() >= 2 && (b.startsWith(a) || a.startsWith(b))) {
            return true;
        }
        return distance(a, b) <= Math.max(1, Math.max(a.length(), b.length()) / 3);
    }

    private static String fold(String name) {
        return name.toLowerCase(java.util.Locale.ROOT).replaceAll("[-_ ]", "");
    }

    /// Edits between two words; swapping neighbours is one edit.
    static int distance(String a, String b) {
        var d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] =
                        Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
