package dev.orrery.checkpoint;

import dev.orrery.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A folder of weights, inputs and expected outputs that a reference implementation wrote, to prove
/// that another one computes the same.
///
/// `fixture.json` names the files and says how close results must be:
///
/// - `tolerance` {atol, rtol}: an element passes if `|actual - expected| <= atol + rtol
///   |expected|`;
/// - `overrides`: a list of {tensors, atol, rtol, equal_share} that take precedence, the first that
///   matches; names may hold `*`, and `equal_share` is the least share of exactly equal elements;
/// - `exact`: tensors that must be equal;
/// - `compare_where`: a list of {tensors, mask, axes}: only elements where the input called `mask`
///   is not zero along those axes are compared;
/// - `gradients` {of, tensors}: `grad.NAME` is the gradient of that scalar by the parameter NAME.
///
/// The format is described in `docs/formats/fixture.md`.
public final class Fixture {

    /// The file that makes a folder a fixture.
    public static final String FILE_NAME = "fixture.json";

    private static final Set<String> FIELDS =
            Set.of(
                    "format",
                    "kind",
                    "title",
                    "reference",
                    "class",
                    "model_type",
                    "weights",
                    "inputs",
                    "expected",
                    "adapter",
                    "tolerance",
                    "overrides",
                    "exact",
                    "gradients",
                    "compare_where");

    private final Path folder;
    private final FixtureFields fields;
    private final FixtureRules rules;

    private Fixture(Path folder, FixtureFields fields) {
        this.folder = folder;
        this.fields = fields;
        rules = FixtureRules.of(fields);
    }

    /// Reads `fixture.json` of a folder; the tensors are read when asked for.
    ///
    /// @throws CheckpointException when it is missing, malformed, or of a later format
    public static Fixture read(Path folder) {
        var file = folder.resolve(FILE_NAME);
        if (!Files.isRegularFile(file))
            throw new CheckpointException(
                    folder,
                    "",
                    Files.isDirectory(folder) ? "has no " + FILE_NAME : "is not a folder",
                    "name a fixture folder");
        var fields = new FixtureFields(file, StrictJson.object(file));
        if (fields.number("format", 1) != 1)
            throw new CheckpointException(
                    file,
                    "format",
                    "is %s, this version reads 1".formatted(fields.number("format", 1)),
                    "use a later version");
        return new Fixture(folder, fields);
    }

    /// The folder.
    public Path folder() {
        return folder;
    }

    /// What is tested: model, policy, adapter, quantizer, loss, algorithm, environment, planning,
    /// tokenizer or preprocessing.
    public String kind() {
        return fields.text("kind").orElse("");
    }

    /// What is tested, for people.
    public String title() {
        return fields.text("title").orElse(folder.getFileName() + "");
    }

    /// Which implementation wrote the values.
    public String reference() {
        return fields.text("reference").orElse("");
    }

    /// The reference's class, such as `GemmaForCausalLM`, or an empty string.
    public String modelClass() {
        return fields.text("class").orElse("");
    }

    /// The architecture in public configurations, such as `gemma`, or an empty string.
    public String modelType() {
        return fields.text("model_type").orElse("");
    }

    /// The model's configuration in its public format.
    public Path config() {
        return folder.resolve("config.json");
    }

    /// The weights, for loading into a module.
    public Path weightsFile() {
        return file("weights");
    }

    /// Adapter weights, where there are any.
    public Optional<Path> adapterFile() {
        return fields.text("adapter").map(this::named);
    }

    /// The file of expected values; not tensors for tokenizers, environments and planning.
    public Path expectedFile() {
        return file("expected");
    }

    /// All inputs, by name.
    public Map<String, Tensor> inputs() {
        return Safetensors.read(file("inputs"));
    }

    /// All expected values, by name.
    public Map<String, Tensor> expected() {
        return Safetensors.read(expectedFile());
    }

    /// Names of the scalar that is differentiated, and of the gradients that are expected of it.
    public List<String> gradients() {
        return fields.object("gradients").map(g -> g.texts("tensors")).orElse(List.of());
    }

    /// The scalar that [#gradients()] belong to, or an empty string.
    public String differentiated() {
        return fields.object("gradients").flatMap(g -> g.text("of")).orElse("");
    }

    /// What was not understood and has no effect, each as a line for the user.
    public List<String> warnings() {
        return fields.names().stream()
                .filter(name -> !FIELDS.contains(name))
                .map(name -> "%s: unknown field '%s' has no effect".formatted(fields.file(), name))
                .toList();
    }

    /// Compares every expected tensor with what a model computed. Tensors that are not expected are
    /// not looked at.
    ///
    /// @param actual results by the names that the fixture uses
    /// @return one row for each expected tensor, in the order of the file
    public List<FixtureRow> compare(Map<String, Tensor> actual) {
        var inputs = rules.needInputs() ? inputs() : Map.<String, Tensor>of();
        var rows = new ArrayList<FixtureRow>();
        expected()
                .forEach((name, tensor) ->
                        rows.add(
                                rules.compare(
                                        name,
                                        tensor,
                                        Optional.ofNullable(actual.get(name)),
                                        inputs)));
        return List.copyOf(rows);
    }

    private Path file(String field) {
        return fields.text(field)
                .map(this::named)
                .orElseThrow(() ->
                        new CheckpointException(
                                fields.file(),
                                field,
                                "is missing",
                                "name the file in the fixture's folder"));
    }

    private Path named(String name) {
        if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.equals(".."))
            throw new CheckpointException(
                    fields.file(), name, "is not a plain file name", "keep files in the folder");
        return folder.resolve(name);
    }
}
