package dev.orrery.data.text;

import java.util.Arrays;
import java.util.List;

/// Byte strings with an id each, and which of them begin at a place of a text.
///
/// Nodes are numbered breadth first, so that the children of one lie together; 0 is the root, and
/// as nobody's child it also says that there is none.
final class PieceTrie {

    private static final int NONE = -1;

    private final byte[] labels;
    private final int[] children;
    private final int[] ids;

    /// A string and its id.
    record Entry(byte[] bytes, int id) {}

    /// @param entries no two of the same bytes
    PieceTrie(List<Entry> entries) {
        var sorted = entries.stream().sorted((a, b) -> Arrays.compare(a.bytes, b.bytes)).toList();
        int count = 1;
        var last = new byte[0];
        for (var entry : sorted) {
            count += entry.bytes.length - common(last, entry.bytes);
            last = entry.bytes;
        }
        labels = new byte[count];
        children = new int[count + 1];
        ids = new int[count];
        Arrays.fill(ids, NONE);
        fill(sorted);
    }

    private static int common(byte[] a, byte[] b) {
        int at = Arrays.mismatch(a, b);
        return at < 0 ? a.length : at;
    }

    /// A node stands for the entries `from` to `to`, which begin with the same `depth` bytes.
    private void fill(List<Entry> sorted) {
        int[] from = new int[ids.length], to = new int[ids.length], depth = new int[ids.length];
        to[0] = sorted.size();
        int next = 1;
        for (int node = 0; node < ids.length; node++) {
            children[node] = next;
            int at = from[node], deep = depth[node];
            if (at < to[node] && sorted.get(at).bytes.length == deep)
                ids[node] = sorted.get(at++).id;
            while (at < to[node]) {
                labels[next] = sorted.get(at).bytes[deep];
                from[next] = at;
                while (at < to[node] && sorted.get(at).bytes[deep] == labels[next]) at++;
                to[next] = at;
                depth[next++] = deep + 1;
            }
        }
        children[ids.length] = next;
    }

    /// The node that a byte leads to, 0 if none.
    int child(int node, byte label) {
        return Math.max(0, Arrays.binarySearch(labels, children[node], children[node + 1], label));
    }

    /// The id of the string that ends at a node, -1 if none does.
    int id(int node) {
        return ids[node];
    }

    /// The id of a stretch of a text, -1 if it is none of the strings.
    int find(byte[] text, int from, int to) {
        int node = 0;
        for (int at = from; at < to; at++) if ((node = child(node, text[at])) == 0) return NONE;
        return ids[node];
    }

    /// The length of the longest string that begins at a place of a text, 0 if none does.
    int longest(byte[] text, int from) {
        int longest = 0;
        int node = 0;
        for (int at = from; at < text.length && (node = child(node, text[at])) != 0; at++)
            if (ids[node] != NONE) longest = at + 1 - from;
        return longest;
    }
}
