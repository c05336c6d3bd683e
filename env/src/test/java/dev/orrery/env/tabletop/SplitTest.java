package dev.orrery.env.tabletop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SplitTest {

    @ParameterizedTest
    @EnumSource
    void theFileIsWrittenAgainByteForByte(Split split) {
        assertThat(new String(split.bytes(), StandardCharsets.UTF_8))
                .isEqualTo(SplitFiles.generate(split));
    }

    @ParameterizedTest
    @EnumSource
    void theHashIsTheOnePublished(Split split) {
        assertThat(split.hash()).isEqualTo(Pinned.hash(split.name()));
    }

    @ParameterizedTest
    @EnumSource
    void seedsAreNegativeAndNeverUsedTwice(Split split) {
        var seen = new HashSet<Long>();
        for (var start : split.starts()) {
            assertThat(start.seed()).isNegative();
            assertThat(seen.add(start.seed())).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everySceneCanBeLaid(Split split) {
        var w = new World();
        for (var start : split.starts()) {
            start.lay(w, Trial.armFor(start.task()));
            assertThat(Goal.holds(w, start.task())).as(start.task().code()).isFalse();
            assertThat(w.count).isBetween(start.leastBlocks(), start.mostBlocks());
        }
    }

    @Test
    void fiftyEpisodesOfEachCoreFamilyStandInL0() {
        for (var family : Family.CORE) {
            assertThat(of(Split.L0, family)).hasSize(50);
        }
    }

    @Test
    void onlyL1UsesHeldOutWordings() {
        for (var split : Split.values()) {
            var wording = split == Split.L1 ? Grammar.Wording.HELD_OUT : Grammar.Wording.TRAINING;
            assertThat(split.starts())
                    .allMatch(s -> Grammar.phrases(s.task(), wording).contains(s.phrase()));
        }
    }

    @Test
    void l2AsksForPairsAndL3ForKindsThatDemonstrationsNeverName() {
        assertThat(Split.L2.starts())
                .allMatch(s -> !HeldOut.allowed(s.task()))
                .allMatch(s ->
                        HeldOut.pairs(s.task().family()).contains(s.task().blocks().getFirst()))
                .allMatch(s -> s.task().blocks().stream().noneMatch(HeldOut::diagonal));
        assertThat(Split.L3.starts()).allMatch(s -> HeldOut.diagonal(s.task().blocks().getFirst()));
    }

    @Test
    void l4AsksForSequencesWhosePartsAreAllowedButNotTogether() {
        for (var start : Split.L4.starts()) {
            var both = (Task.Then) start.task();
            assertThat(HeldOut.allowed(both)).isFalse();
            assertThat(HeldOut.allowed(both.first())).isTrue();
            assertThat(HeldOut.allowed(both.second())).isTrue();
        }
    }

    @Test
    void everyFamilyThatL4JoinsIsSeenFirstAndSecondInTraining() {
        var training = HeldOut.sequences(false);
        for (var family : Family.LASTING) {
            assertThat(training).anyMatch(pair -> pair.getFirst() == family);
            assertThat(training).anyMatch(pair -> pair.getLast() == family);
        }
    }

    @Test
    void l5HasSevenOrEightBlocksAndL6AnotherLook() {
        assertThat(Split.L5.starts()).allMatch(s -> s.leastBlocks() == 7 && s.mostBlocks() == 8);
        assertThat(Split.L6.starts()).noneMatch(s -> s.look().equals(Look.PLAIN));
        assertThat(Split.L6.starts().stream().map(Start::look).distinct()).hasSizeGreaterThan(500);
    }

    @Test
    void theShippedFloorsAreMeasuredAgain() {
        assertThat(Floors.all()).hasSize(Split.values().length * Floors.Rule.values().length);
        for (var split : List.of(Split.L0, Split.L3)) {
            for (var rule : Floors.Rule.values()) {
                assertThat(Floors.all()).contains(Floors.measure(split, rule));
            }
        }
        assertThat(Floors.all()).allMatch(floor -> floor.success().rate() <= .02);
    }

    private static List<Start> of(Split split, Family family) {
        return split.starts().stream().filter(s -> s.task().family() == family).toList();
    }
}
