package dev.orrery.data.clips;

import java.math.BigInteger;
import java.util.Comparator;

/// Orders names so that `frame9` comes before `frame10`.
final class NaturalOrder implements Comparator<String> {

    @Override
    public int compare(String a, String b) {
        int i = 0, j = 0;
        while (i < a.length() && j < b.length()) {
            if (digit(a, i) && digit(b, j)) {
                int m = end(a, i), n = end(b, j);
                int order =
                        new BigInteger(a.substring(i, m))
                                .compareTo(new BigInteger(b.substring(j, n)));
                if (order != 0) return order;
                i = m;
                j = n;
            } else {
                int order = Character.compare(a.charAt(i++), b.charAt(j++));
                if (order != 0) return order;
            }
        }
        int order = Integer.compare(a.length() - i, b.length() - j);
        return order != 0 ? order : a.compareTo(b);
    }

    private static boolean digit(String text, int at) {
        return text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    private static int end(String text, int from) {
        int at = from;
        while (at < text.length() && digit(text, at)) at++;
        return at;
    }
}
