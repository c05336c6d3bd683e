package dev.orrery.replay;

/// Sequences drawn from a [Replay], time-major: element `(t, b)` of a column lies at `(t * B + b) *
/// width`.
public final class Sample {

    /// Where a sequence begins.
    ///
    /// @param stream the stream it belongs to
    /// @param start the number of its first step there
    record Slot(int stream, long start) {}

    private final Schema schema;
    private final int length;
    private final Slot[] slots;
    private final Chunk[] chunks;

    Sample(Schema schema, int length, Slot[] slots, Chunk[] chunks) {
        this.schema = schema;
        this.length = length;
        this.slots = slots;
        this.chunks = chunks;
    }

    /// Steps T of each sequence.
    public int length() {
        return length;
    }

    /// How many sequences B.
    public int batch() {
        return slots.length;
    }

    /// A column of numbers.
    public float[] floats(String name) {
        var column = schema.column(name, Column.Kind.F32, Column.Kind.F16);
        var into = new float[length * slots.length * column.width()];
        int place = schema.place(name);
        each((chunk, step, at) -> chunk.floats(place, step, into, at * column.width()));
        return into;
    }

    /// A column of whole numbers.
    public int[] ints(String name) {
        var column = schema.column(name, Column.Kind.I32);
        var into = new int[length * slots.length * column.width()];
        int place = schema.place(name);
        each((chunk, step, at) -> chunk.ints(place, step, into, at * column.width()));
        return into;
    }

    /// A column of bytes.
    public byte[] bytes(String name) {
        var column = schema.column(name, Column.Kind.U8);
        var into = new byte[length * slots.length * column.width()];
        int place = schema.place(name);
        each((chunk, step, at) -> chunk.bytes(place, step, into, at * column.width()));
        return into;
    }

    Slot slot(int row) {
        return slots[row];
    }

    private interface Cell {
        void read(Chunk chunk, int step, int at);
    }

    private void each(Cell cell) {
        for (int b = 0; b < slots.length; b++)
            for (int t = 0; t < length; t++) {
                var chunk = chunks[t * slots.length + b];
                cell.read(
                        chunk, (int) (slots[b].start() + t - chunk.start()), t * slots.length + b);
            }
    }
}
