package dev.orrery.checkpoint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the pickle inside a file that `torch.save` wrote, and runs nothing of it: dictionaries,
/// lists, tuples, texts, numbers and tensors are read, any other object becomes an [Opaque] that
/// only knows its name. (Module `data` has a reader of its own for pickled NumPy arrays; neither
/// module sees the other.)
///
/// Values are [Map], [List], [String], [Long], [Double], [Boolean], [Strided], [Opaque] or [#NONE].
/// Source: Python's `pickletools`, protocols 2 to 5; `torch._utils`.
final class TorchPickle {

    /// Python's `None`.
    static final Object NONE = new Object();

    /// Numbers in a file of their own.
    ///
    /// @param key the name of that file
    /// @param type what numbers, empty where each tensor says it for itself
    /// @param count how many; bytes where the type is empty
    record Storage(String key, Optional<StoredType> type, long count) {}

    /// A tensor: numbers of a storage, `offset` behind its first and `strides` apart.
    record Strided(Storage storage, StoredType type, long offset, long[] shape, long[] strides) {}

    /// An object that is not read.
    record Opaque(String name) {}

    private record Name(String module, String name) {

        String whole() {
            return module + "." + name;
        }
    }

    private static final Object MARK = new Object();
    private static final int MOST_STEPS = 20_000_000;

    private static final Map<String, StoredType> STORAGES =
            Map.ofEntries(
                    Map.entry("FloatStorage", StoredType.F32),
                    Map.entry("DoubleStorage", StoredType.F64),
                    Map.entry("HalfStorage", StoredType.F16),
                    Map.entry("BFloat16Storage", StoredType.BF16),
                    Map.entry("LongStorage", StoredType.I64),
                    Map.entry("IntStorage", StoredType.I32),
                    Map.entry("ShortStorage", StoredType.I16),
                    Map.entry("CharStorage", StoredType.I8),
                    Map.entry("ByteStorage", StoredType.U8),
                    Map.entry("BoolStorage", StoredType.BOOL));

    private static final Map<String, StoredType> TYPES =
            Map.of(
                    "uint16", StoredType.U16,
                    "uint32", StoredType.U32,
                    "uint64", StoredType.U64,
                    "float8_e4m3fn", StoredType.F8_E4M3,
                    "float8_e5m2", StoredType.F8_E5M2);

    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private TorchPickle(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// @throws IllegalArgumentException if it is damaged; the message says how
    static Object read(byte[] bytes) {
        try {
            return new TorchPickle(bytes).run();
        } catch (BufferUnderflowException
                | IndexOutOfBoundsException
                | ClassCastException
                | java.util.NoSuchElementException
                | ArithmeticException e) {
            throw new IllegalArgumentException(e.toString(), e);
        }
    }

    private Object run() {
        for (int step = 0; step < MOST_STEPS; step++) {
            int code = in.get() & 0xff;
            if (code == '.') return stack.removeLast();
            if (!isPlain(code) && !isCollection(code)) object(code);
        }
        throw new IllegalArgumentException("more than %d steps".formatted(MOST_STEPS));
    }

    /// Numbers, texts, and what the machine needs for itself.
    private boolean isPlain(int code) {
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
            case '1' -> sinceMark();
            case '2' -> stack.add(stack.getLast());
            case 'N' -> stack.add(NONE);
            case 0x88, 0x89 -> stack.add(code == 0x88);
            case 'K' -> stack.add((long) (in.get() & 0xff));
            case 'M' -> stack.add((long) (in.getShort() & 0xffff));
            case 'J' -> stack.add((long) in.getInt());
            case 0x8a -> stack.add(whole(in.get() & 0xff));
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 0x8c -> stack.add(text(in.get() & 0xff));
            case 'X' -> stack.add(text(in.getInt() & 0xffffffffL));
            case 0x8d -> stack.add(text(in.getLong()));
            case 'C' -> opaque("bytes", in.get() & 0xff);
            case 'B' -> opaque("bytes", in.getInt() & 0xffffffffL);
            case 0x8e, 0x96 -> opaque("bytes", in.getLong());
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Dictionaries, lists and tuples.
    private boolean isCollection(int code) {
        switch (code) {
            case '}' -> stack.add(new LinkedHashMap<Object, Object>());
            case ']', 0x8f -> stack.add(new ArrayList<Object>());
            case ')' -> stack.add(List.of());
            case 0x85 -> stack.add(last(1));
            case 0x86 -> stack.add(last(2));
            case 0x87 -> stack.add(last(3));
            case 't', 'l', 0x91 -> stack.add(sinceMark());
            case 'd' -> {
                var items = sinceMark();
                stack.add(new LinkedHashMap<Object, Object>());
                put(items);
            }
            case 'a' -> append(last(1));
            case 'e', 0x90 -> append(sinceMark());
            case 's' -> put(last(2));
            case 'u' -> put(sinceMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void object(int code) {
        switch (code) {
            case 'c' -> stack.add(new Name(line(), line()));
            case 0x93 -> {
                var both = last(2);
                stack.add(new Name((String) both.get(0), (String) both.get(1)));
            }
            case 'Q' -> stack.add(storage(list(stack.removeLast())));
            case 'R', 0x81 -> {
                var both = last(2);
                stack.add(made(both.get(0), list(both.get(1))));
            }
            case 0x92 -> {
                var three = last(3);
                stack.add(made(three.get(0), list(three.get(1))));
            }
            // the state of a dictionary is its metadata, that of anything else is not read
            case 'b' -> stack.removeLast();
            default ->
                    throw new IllegalArgumentException("code 0x%02x is not read".formatted(code));
        }
    }

    private static Object made(Object maker, List<Object> given) {
        if (!(maker instanceof Name name)) return maker;
        return switch (name.whole()) {
            case "collections.OrderedDict" -> new LinkedHashMap<Object, Object>();
            case "torch.Size" -> given.isEmpty() ? List.of() : given.getFirst();
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
                    tensor(given, Optional.empty());
            case "torch._utils._rebuild_tensor_v3" ->
                    tensor(given, Optional.of(type((Name) given.get(6))));
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state" ->
                    given.getFirst();
            default -> new Opaque(name.whole());
        };
    }

    private static Strided tensor(List<Object> given, Optional<StoredType> own) {
        var storage = (Storage) given.get(0);
        var type =
                own.or(storage::type)
                        .orElseThrow(() -> new IllegalArgumentException("a tensor has no type"));
        return new Strided(
                storage, type, (Long) given.get(1), longs(given.get(2)), longs(given.get(3)));
    }

    private static StoredType type(Name name) {
        var type = TYPES.get(name.name());
        if (type == null)
            throw new IllegalArgumentException(
                    "tensors of type %s are not read".formatted(name.whole()));
        return type;
    }

    /// What stands for data in another file: the word, the type, the file's name, the device, how
    /// many numbers.
    private static Storage storage(List<Object> id) {
        if (!"storage".equals(id.getFirst()))
            throw new IllegalArgumentException("it refers to a " + id.getFirst());
        var name = (Name) id.get(1);
        var type = Optional.ofNullable(STORAGES.get(name.name()));
        if (type.isEmpty() && !name.name().equals("UntypedStorage"))
            throw new IllegalArgumentException("a %s is not read".formatted(name.whole()));
        return new Storage((String) id.get(2), type, (Long) id.get(4));
    }

    private static long[] longs(Object list) {
        return list(list).stream().mapToLong(n -> (Long) n).toArray();
    }

    private Object remembered(int place) {
        var value = memo.get(place);
        if (value == null) throw new IllegalArgumentException("nothing is remembered at " + place);
        return value;
    }

    private byte[] bytes(long count) {
        if (count < 0 || count > in.remaining()) throw new BufferUnderflowException();
        var out = new byte[(int) count];
        in.get(out);
        return out;
    }

    private void opaque(String what, long bytes) {
        bytes(bytes);
        stack.add(new Opaque(what));
    }

    private String text(long count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private String line() {
        var out = new StringBuilder();
        for (int c = in.get(); c != '\n'; c = in.get()) out.append((char) c);
        return out.toString();
    }

    /// Whole numbers that are longer than a tensor's sizes can be are not read.
    private Object whole(int count) {
        var little = bytes(count);
        if (count > 8) return new Opaque("int");
        var all = new byte[8];
        if (count > 0 && little[count - 1] < 0) Arrays.fill(all, (byte) -1);
        System.arraycopy(little, 0, all, 0, count);
        return ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private List<Object> last(int count) {
        var tail = stack.subList(stack.size() - count, stack.size());
        var out = new ArrayList<>(tail);
        tail.clear();
        return out;
    }

    private List<Object> sinceMark() {
        int mark = stack.size() - 1;
        while (stack.get(mark) != MARK) mark--;
        var out = last(stack.size() - mark - 1);
        stack.removeLast();
        return out;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private void append(List<Object> items) {
        if (stack.getLast() instanceof List<?> all) list(all).addAll(items);
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> items) {
        if (!(stack.getLast() instanceof Map<?, ?> map)) return;
        for (int i = 0; i + 1 < items.size(); i += 2)
            ((Map<Object, Object>) map).put(items.get(i), items.get(i + 1));
    }
}
