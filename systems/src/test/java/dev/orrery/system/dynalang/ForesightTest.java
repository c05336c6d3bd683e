package dev.orrery.system.dynalang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.env.homegrid.Bins;
import dev.orrery.run.Run;
import dev.orrery.system.dynalang.DynalangConfig.Reading;
import dev.orrery.system.dynalang.DynalangConfig.View;
import dev.orrery.system.dynalang.DynalangConfig.World;
import dev.orrery.system.dynalang.Foresight.Said;
import dev.orrery.worldmodel.Form;
import dev.orrery.worldmodel.Imagined.Moment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForesightTest {

    private static final int READING = 10;
    private static final World HINTS = new World("bins", "hint", View.SYMBOLS, Reading.TOKEN);

    private static DynalangConfig config(World world, Form form) {
        var config = DynalangConfig.nano(world, 60, 1);
        return config.with(form)
                .with(new DynalangConfig.Training(60, 2, 2, 8, 1, 4e-4, 0, 20))
                .with(new DynalangConfig.Evaluation(2));
    }

    private static List<Moment> moments(World world, long start, Said said) {
        var config = config(world, Form.V2024);
        try (var model = Training.fresh(config)) {
            return new Foresight(model, world)
                    .imagine(0, start, List.of(said))
                    .branches()
                    .getFirst()
                    .moments();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBranchRunsFromTheFirstWordToTheEndOfTheEpisode(Form form) {
        var config = config(HINTS, form);
        try (var model = Training.fresh(config)) {
            var imagined = new Foresight(model, HINTS).imagine(7, 3);
            assertThat(imagined.context()).isEqualTo(READING + 1);
            assertThat(imagined.branches()).hasSize(2);
            for (var branch : imagined.branches())
                assertThat(branch.moments()).hasSize(READING + Bins.STEPS + 1);
            assertThat(imagined.branches().getFirst().hint()).contains(" to open the ");
            assertThat(imagined.branches().getLast().hint()).isEmpty();
        }
    }

    @Test
    void whatHappenedIsWhatTheWorldDoesWhenTheSameActionsAreTaken() {
        var moments = moments(HINTS, 3, new Said.AsItComes());
        var world = new Bins(Bins.Arm.HINT);
        world.begin(3);
        double reward = 0;
        for (var moment : moments) {
            assertThat(moment.guess().reward()).isEqualTo(reward);
            assertThat(moment.truth()).isEqualTo(world.picture());
            var word = world.vocabulary().word(world.token());
            assertThat(moment.token()).isEqualTo(word.equals("<pad>") ? "" : word);
            if (world.truncated()) break;
            var action =
                    world.actions().values().stream()
                            .filter(a -> a.name().equalsIgnoreCase(moment.action()))
                            .findFirst()
                            .orElseThrow();
            reward = world.advance(action);
        }
    }

    @Test
    void returnsAreDiscountedRewardsOfWhatFollowed() {
        var numbers = moments(HINTS, 3, new Said.AsItComes()).stream().map(Moment::guess).toList();
        assertThat(numbers.getLast().followed()).isZero();
        for (int t = 0; t + 1 < numbers.size(); t++)
            assertThat(numbers.get(t).followed())
                    .isCloseTo(
                            numbers.get(t + 1).reward()
                                    + (1 - 1 / 333.0) * numbers.get(t + 1).followed(),
                            within(1e-12));
    }

    @Test
    void aTypedHintTakesThePlaceOfTheWorldsWordsAndChangesWhatIsExpected() {
        var asItComes = moments(HINTS, 3, new Said.AsItComes());
        var own = asItComes.getFirst().token();
        var typed = own.equals("lift") ? "pedal" : "lift";
        var told = moments(HINTS, 3, new Said.Words(typed));
        assertThat(told.getFirst().token()).isEqualTo(typed);
        assertThat(told.get(1).token()).isEqualTo(asItComes.get(1).token());
        assertThat(told.getLast().expected()).isNotEqualTo(asItComes.getLast().expected());
    }

    @Test
    void anAgentThatDoesNotReadExpectsNoWords() {
        var deaf = new World("bins", "hint", View.SYMBOLS, Reading.NONE);
        assertThat(moments(deaf, 3, new Said.AsItComes()))
                .allSatisfy(moment -> assertThat(moment.expected()).isEmpty());
    }

    @Test
    void anUnknownWordOfAHintIsNamedWithThoseThatAreKnown() {
        assertThatThrownBy(() -> moments(HINTS, 3, new Said.Words("kick to open the bin")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[kick]")
                .hasMessageContaining("pedal");
    }

    @Test
    void picturesAndGridsAreForeseenToo() {
        for (var world :
                List.of(
                        new World("catch", "plain", View.PIXELS, Reading.NONE),
                        new World("messenger", "mini", View.SYMBOLS, Reading.TOKEN),
                        new World("langroom", "mini", View.SYMBOLS, Reading.TOKEN),
                        new World("find", "hint", View.SYMBOLS, Reading.TOKEN),
                        new World("cartpole", "plain", View.SYMBOLS, Reading.NONE)))
            assertThat(moments(world, 5, new Said.AsItComes()))
                    .allSatisfy(moment ->
                            assertThat(moment.imagined().width())
                                    .isEqualTo(moment.truth().width()));
    }

    @Test
    void trainingLeavesImaginationsAndTheRunCanBeAsked(@TempDir Path folder) throws Exception {
        var path = folder.resolve("run");
        var recipe = new DynalangRecipe();
        var config = config(HINTS, Form.V2024);
        try (var run = Run.create(path, "dynalang", config, 1)) {
            recipe.run(config, run);
            recipe.generate(config, run, "pedal", folder);
        }
        try (var files = Files.list(path.resolve("imagination"))) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .anyMatch(name -> name.matches("step-\\d{8}-start-1.json"))
                    .anyMatch(name -> name.matches("step-\\d{8}-generated.json"));
        }
        assertThat(folder.resolve("imagination.gif")).isNotEmptyFile();
        assertThat(recipe.asking(path).ready()).isTrue();
        assertThat(recipe.asking(path).words()).contains("pedal").doesNotContain("<pad>");
        var imagined = recipe.imagine(path, 2, List.of("lift", "grasp"));
        assertThat(imagined.branches()).extracting(b -> b.hint()).endsWith("lift", "grasp");
    }
}
