package dev.orrery.cli;

import dev.orrery.catalog.Fixtures;
import dev.orrery.checkpoint.Fixture;
import dev.orrery.checkpoint.FixtureRow;
import dev.orrery.data.text.TokenizerCheck;
import dev.orrery.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Compare a model's results with stored ones of its reference implementation.",
        mixinStandardHelpOptions = true)
final class CheckpointVerifyVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(
            paramLabel = "DIR",
            description = "A fixture: fixture.json, weights, inputs and expected values.")
    private Path folder;

    private record TokenizerView(
            String fixture, boolean agrees, int compared, List<String> differences) {}

    private record View(String fixture, String model, boolean agrees, List<FixtureRow> tensors) {}

    @Override
    public Integer call() {
        var fixture = Fixture.read(folder);
        return fixture.kind().equals("tokenizer") ? tokenizer(fixture) : model(fixture);
    }

    private int tokenizer(Fixture fixture) {
        fixture.warnings().forEach(console::warn);
        var result = TokenizerCheck.run(folder);
        int differ = result.differences().size();
        var lines = new ArrayList<>(result.differences());
        lines.add(
                "tokenizer: %d of %d values agree with %s"
                        .formatted(
                                result.compared() - differ,
                                result.compared(),
                                fixture.reference()));
        console.result(
                new TokenizerView(
                        folder.toString(),
                        result.agrees(),
                        result.compared(),
                        result.differences()),
                String.join(System.lineSeparator(), lines));
        return result.agrees() ? Main.DONE : Main.MISSED;
    }

    private int model(Fixture fixture) {
        var model = Fixtures.model(fixture);
        fixture.warnings().forEach(console::warn);
        try (var _ = TensorScope.open()) {
            var rows = fixture.compare(model.run(fixture));
            long passed = rows.stream().filter(FixtureRow::passed).count();
            boolean agrees = passed == rows.size() && !rows.isEmpty();
            var text =
                    "%s%n%s: %d of %d tensors agree with %s"
                            .formatted(
                                    table(rows),
                                    model.name(),
                                    passed,
                                    rows.size(),
                                    fixture.reference());
            console.result(new View(folder.toString(), model.name(), agrees, rows), text);
            return agrees ? Main.DONE : Main.MISSED;
        }
    }

    private static String table(List<FixtureRow> rows) {
        var lines = new ArrayList<List<String>>();
        lines.add(List.of("TENSOR", "SHAPE", "DIFFERENCE", "ALLOWED", "VERDICT", ""));
        for (var row : rows) {
            lines.add(
                    List.of(
                            row.name(),
                            row.shape(),
                            "%.2e".formatted(row.largest()),
                            "%.2e".formatted(row.allowed()),
                            row.verdict().toString().toLowerCase(java.util.Locale.ROOT),
                            row.note()));
        }
        return Console.table(lines);
    }
}
