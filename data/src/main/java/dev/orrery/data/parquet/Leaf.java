package dev.orrery.data.parquet;

import java.util.ArrayList;
import java.util.List;

/// A leaf column in its schema: where it hangs and how deep.
///
/// @param index its place among the leaves of the schema
/// @param path the names from the top field down
/// @param field the leaf itself
/// @param maxDefinition optional and repeated levels above and including it
/// @param maxRepetition repeated levels above and including it
public record Leaf(
        int index, List<String> path, Field.Primitive field, int maxDefinition, int maxRepetition) {

    public Leaf {
        path = List.copyOf(path);
    }

    /// The name of the column that the leaf belongs to.
    public String top() {
        return path.getFirst();
    }

    /// The name a person would write.
    public String title() {
        return String.join("/", path);
    }

    static List<Leaf> of(List<Field> fields) {
        var leaves = new ArrayList<Leaf>();
        for (var field : fields) collect(field, List.of(), 0, 0, leaves);
        return List.copyOf(leaves);
    }

    private static void collect(
            Field field, List<String> above, int definition, int repetition, List<Leaf> out) {
        var path = new ArrayList<>(above);
        path.add(field.name());
        int def = definition + (field.repetition() == Field.Repetition.REQUIRED ? 0 : 1);
        int rep = repetition + (field.repetition() == Field.Repetition.REPEATED ? 1 : 0);
        switch (field) {
            case Field.Primitive leaf -> out.add(new Leaf(out.size(), path, leaf, def, rep));
            case Field.Group group -> {
                for (var child : group.children()) collect(child, path, def, rep, out);
            }
        }
    }
}
