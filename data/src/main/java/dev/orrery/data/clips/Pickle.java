package dev.orrery.data.clips;

import dev.orrery.data.DatasetException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads data from Python pickles and runs nothing: dictionaries, lists, tuples, texts, bytes,
/// numbers, and NumPy's arrays and scalars of whole numbers. Anything else is refused by name.
///
/// Values are [Map], [List] (an array is the list of its numbers), [String], `byte[]`, [Long],
/// [Double], [Boolean], or [#NONE]. Source: Python's `pickletools`, protocols 2 to 5.
final class Pickle {

    static final Object NONE = new Object();
    private static final Object MARK = new Object();
    private static final int MOST = 5_000_000;
    private static final Set<String> KNOWN =
            Set.of("_reconstruct", "scalar", "_frombuffer", "ndarray", "dtype");

    private record Name(String text) {}

    private record Type(String text) {}

    private final ByteBuffer in;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private Pickle(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// @throws DatasetException if it holds anything but data, or is damaged
    static Object read(byte[] bytes) {
        try {
            return new Pickle(bytes).run();
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | ClassCastException
                | java.util.NoSuchElementException
                | IllegalArgumentException
                | ArithmeticException e) {
            throw new DatasetException("a pickle is damaged (%s)".formatted(e), e);
        }
    }

    private Object run() {
        for (int step = 0; step < MOST; step++) {
            int code = in.get() & 0xff;
            if (code == '.') return stack.removeLast();
            step(code);
        }
        throw new DatasetException("a pickle has more than %d steps".formatted(MOST));
    }

    private void step(int code) {
        switch (code) {
            case 0x80 -> in.get();
            case 0x95 -> in.getLong();
            case 0x94 -> memo.put(memo.size(), stack.getLast());
            case 'q' -> memo.put(in.get() & 0xff, stack.getLast());
            case 'r' -> memo.put(in.getInt(), stack.getLast());
            case 'h' -> stack.add(remembered(in.get() & 0xff));
            case 'j' -> stack.add(remembered(in.getInt()));
            case '(' -> stack.add(MARK);
            case '0' -> stack.removeLast();
            case '}' -> stack.add(new LinkedHashMap<Object, Object>());
            case ']' -> stack.add(new ArrayList<Object>());
            case ')' -> stack.add(List.of());
            case 'N' -> stack.add(NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'K' -> stack.add((long) (in.get() & 0xff));
            case 'M' -> stack.add((long) (in.getShort() & 0xffff));
            case 'J' -> stack.add((long) in.getInt());
            case 0x8a -> stack.add(whole(bytes(in.get() & 0xff)));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 0x8c -> stack.add(text(in.get() & 0xff));
            case 'X' -> stack.add(text(in.getInt() & 0xffffffffL));
            case 'C' -> stack.add(bytes(in.get() & 0xff));
            case 'B' -> stack.add(bytes(in.getInt() & 0xffffffffL));
            case 0x8e, 0x96 -> stack.add(bytes(in.getLong()));
            case 0x85 -> stack.add(new ArrayList<>(last(1)));
            case 0x86 -> stack.add(new ArrayList<>(last(2)));
            case 0x87 -> stack.add(new ArrayList<>(last(3)));
            case 't' -> stack.add(sinceMark());
            case 'a', 'e' -> append(code == 'a' ? last(1) : sinceMark());
            case 's', 'u' -> put(code == 's' ? last(2) : sinceMark());
            case 'c' -> stack.add(name(line(), line()));
            case 0x93 -> {
                var both = last(2);
                stack.add(name((String) both.get(0), (String) both.get(1)));
            }
            case 'R' -> {
                var both = last(2);
                stack.add(call((Name) both.get(0), list(both.get(1))));
            }
            case 'b' -> build(stack.removeLast());
            default ->
                    throw new DatasetException(
                            "a pickle has code 0x%02x, which is not plain data".formatted(code));
        }
    }

    private Object remembered(int place) {
        var value = memo.get(place);
        if (value == null) throw new IllegalArgumentException("nothing at " + place);
        return value;
    }

    private byte[] bytes(long count) {
        if (count < 0 || count > in.remaining()) throw new BufferUnderflowException();
        var out = new byte[(int) count];
        in.get(out);
        return out;
    }

    private String text(long count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private String line() {
        var out = new StringBuilder();
        for (int c = in.get(); c != '\n'; c = in.get()) out.append((char) c);
        return out.toString();
    }

    private static long whole(byte[] little) {
        if (little.length > 8) throw new DatasetException("a pickle has a number over 64 bits");
        long value = 0;
        for (int i = little.length - 1; i >= 0; i--) value = value << 8 | little[i] & 0xff;
        int unused = 64 - 8 * little.length;
        return little.length == 0 ? 0 : value << unused >> unused;
    }

    private List<Object> last(int count) {
        var tail = stack.subList(stack.size() - count, stack.size());
        var out = new ArrayList<>(tail);
        tail.clear();
        return out;
    }

    private List<Object> sinceMark() {
        int mark = stack.lastIndexOf(MARK);
        if (mark < 0) throw new IllegalArgumentException("no mark");
        var out = last(stack.size() - mark - 1);
        stack.removeLast();
        return out;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private void append(List<Object> items) {
        list(stack.getLast()).addAll(items);
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> items) {
        var map = (Map<Object, Object>) stack.getLast();
        for (int i = 0; i + 1 < items.size(); i += 2) {
            if (!(items.get(i) instanceof String)) throw new IllegalArgumentException("a key");
            map.put(items.get(i), items.get(i + 1));
        }
    }

    private static Name name(String module, String name) {
        boolean numpy = module.equals("numpy") || module.startsWith("numpy.");
        if (numpy && KNOWN.contains(name)) return new Name(name);
        throw new DatasetException(
                "a pickle asks for %s.%s; only data and NumPy's arrays are read, nothing is run"
                        .formatted(module, name));
    }

    private static Object call(Name function, List<Object> given) {
        return switch (function.text) {
            case "dtype" -> new Type((String) given.getFirst());
            case "_reconstruct" -> new ArrayList<Object>();
            case "scalar" -> numbers((Type) given.get(0), (byte[]) given.get(1)).getFirst();
            case "_frombuffer" -> numbers((Type) given.get(1), (byte[]) given.get(0));
            default -> throw new DatasetException("a pickle calls " + function.text);
        };
    }

    /// The state of an array: version, shape, type, order, bytes; types are little endian.
    private void build(Object state) {
        var parts = list(state);
        switch (stack.getLast()) {
            case Type _ -> {
                if (">".equals(parts.get(1)))
                    throw new DatasetException("a pickle has big-endian numbers");
            }
            case List<?> array when array.isEmpty() ->
                    list(array).addAll(numbers((Type) parts.get(2), (byte[]) parts.get(4)));
            default -> throw new DatasetException("a pickle sets the state of what is no array");
        }
    }

    private static List<Object> numbers(Type type, byte[] bytes) {
        if (!type.text.matches("[<|=]?([iu][1248]|b1)")) {
            throw new DatasetException(
                    "a pickle has an array of '%s'; only whole numbers are read"
                            .formatted(type.text));
        }
        int size = type.text.charAt(type.text.length() - 1) - '0';
        boolean signed = type.text.contains("i");
        var out = new ArrayList<Object>();
        for (int at = 0; at + size <= bytes.length; at += size) {
            var one = java.util.Arrays.copyOfRange(bytes, at, at + size);
            long value = whole(one);
            out.add(signed || size == 8 ? value : value & (1L << 8 * size) - 1);
        }
        return out;
    }
}
