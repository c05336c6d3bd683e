package dev.orrery.system.genie;

import dev.orrery.env.platformer.PlatformerAction;
import dev.orrery.fidelity.Contingency;
import dev.orrery.fidelity.PlatformerClip;
import dev.orrery.run.Report;
import dev.orrery.worldmodel.play.DreamControls.Meaning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Which latent action stands for which action of the platformer, found on a few labelled
/// transitions and tested on many others.
///
/// Labels are effective actions: who is in the air cannot jump, so that jumping left there is
/// labelled as left. For each action the code is chosen that it has most often; for each code the
/// action that it means most often, by which transitions count as recovered.
///
/// @param controls codes for the actions, what each code does
/// @param labelled transitions that it was chosen on
/// @param tested others that the following was measured on
/// @param recovered share whose effective action is what its code means
/// @param recoveredChosen the same for the action as chosen, jumps in the air included
/// @param mostFrequent share of the most frequent effective action: what a constant recovers
/// @param agreement share whose code is the one chosen for its action
/// @param mutualInformation of effective actions and codes, normalised, 0 to 1
/// @param usageEntropy of the codes, in nats
/// @param usedCodes codes of more than 2 % of the transitions
/// @param counts of tested transitions by effective action and code
record Calibration(
        Controls controls,
        int labelled,
        int tested,
        double recovered,
        double recoveredChosen,
        double mostFrequent,
        double agreement,
        double mutualInformation,
        double usageEntropy,
        int usedCodes,
        List<List<Long>> counts) {

    /// Labelled transitions, as in the paper's test of imitation.
    static final int LABELS = 200;

    private static final int PER_CLIP = 2;
    private static final double USED = 0.02;
    private static final PlatformerAction[] ACTIONS = PlatformerAction.values();

    /// How many clips the labels come from; few of each, so that they differ.
    static int labelledClips() {
        return LABELS / PER_CLIP;
    }

    /// @param labelled clips to label two transitions of
    /// @param labelledCodes their latent actions
    /// @param tested other clips
    /// @param testedCodes theirs
    /// @param codes how many latent actions there are
    static Calibration of(
            List<PlatformerClip> labelled,
            long[][] labelledCodes,
            List<PlatformerClip> tested,
            long[][] testedCodes,
            int codes) {
        var chosen = new Contingency(ACTIONS.length, codes);
        for (int i = 0; i < labelled.size(); i++) {
            var steps = labelled.get(i).steps();
            for (int k = 0; k < PER_CLIP; k++) {
                int t = (i + k * steps.size() / PER_CLIP) % steps.size();
                chosen.add(steps.get(t).effective().ordinal(), (int) labelledCodes[i][t]);
            }
        }
        var codeOf = codes(chosen);
        var meaning = chosen.labelOfCode();
        var table = new Contingency(ACTIONS.length, codes);
        long right = 0, rightChosen = 0, agreed = 0;
        for (int i = 0; i < tested.size(); i++) {
            var steps = tested.get(i).steps();
            for (int t = 0; t < steps.size(); t++) {
                int code = (int) testedCodes[i][t], label = steps.get(t).effective().ordinal();
                table.add(label, code);
                right += meaning[code] == label ? 1 : 0;
                rightChosen += meaning[code] == steps.get(t).action().ordinal() ? 1 : 0;
                agreed += codeOf[label] == code ? 1 : 0;
            }
        }
        double all = table.total();
        return new Calibration(
                controls(codeOf, meaning, table),
                (int) chosen.total(),
                (int) table.total(),
                right / all,
                rightChosen / all,
                Arrays.stream(table.labels()).max().orElse(0) / all,
                agreed / all,
                table.normalisedMutualInformation(),
                Contingency.entropy(table.codes()),
                table.codesAbove(USED),
                counts(table, codes));
    }

    /// The code of each action; one that no label shows has that of the action most like it.
    private static int[] codes(Contingency chosen) {
        var codes = chosen.codeOfLabel();
        var seen = chosen.labels();
        for (var action : ACTIONS) {
            if (seen[action.ordinal()] == 0) {
                codes[action.ordinal()] =
                        like(action).stream()
                                .filter(other -> seen[other.ordinal()] > 0)
                                .findFirst()
                                .map(other -> codes[other.ordinal()])
                                .orElse(0);
            }
        }
        return codes;
    }

    private static List<PlatformerAction> like(PlatformerAction action) {
        return switch (action) {
            case IDLE -> List.of(PlatformerAction.LEFT, PlatformerAction.RIGHT);
            case LEFT, RIGHT -> List.of(PlatformerAction.IDLE);
            case JUMP ->
                    List.of(
                            PlatformerAction.JUMP_RIGHT,
                            PlatformerAction.JUMP_LEFT,
                            PlatformerAction.IDLE);
            case JUMP_LEFT ->
                    List.of(
                            PlatformerAction.JUMP,
                            PlatformerAction.JUMP_RIGHT,
                            PlatformerAction.LEFT);
            case JUMP_RIGHT ->
                    List.of(
                            PlatformerAction.JUMP,
                            PlatformerAction.JUMP_LEFT,
                            PlatformerAction.RIGHT);
        };
    }

    private static Controls controls(int[] codeOf, int[] meaning, Contingency table) {
        var usage = table.codes();
        var meanings = new ArrayList<Meaning>();
        for (int code = 0; code < usage.length; code++) {
            double share =
                    usage[code] == 0 ? 0 : table.count(meaning[code], code) / (double) usage[code];
            meanings.add(
                    new Meaning(
                            usage[code] == 0 ? "" : words(ACTIONS[meaning[code]]),
                            share,
                            usage[code] / (double) Math.max(1, table.total())));
        }
        return new Controls(
                Arrays.stream(ACTIONS).map(PlatformerAction::name).toList(),
                Arrays.stream(codeOf).boxed().toList(),
                codeOf[PlatformerAction.IDLE.ordinal()],
                meanings);
    }

    private static String words(PlatformerAction action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static List<List<Long>> counts(Contingency table, int codes) {
        var rows = new ArrayList<List<Long>>();
        for (var action : ACTIONS) {
            var row = new ArrayList<Long>();
            for (int code = 0; code < codes; code++) {
                row.add(table.count(action.ordinal(), code));
            }
            rows.add(row);
        }
        return rows;
    }

    Report report() {
        return Report.of("recovered", recovered)
                .with("recovered_chosen", recoveredChosen)
                .with("most_frequent_action", mostFrequent)
                .with("agreement", agreement)
                .with("mutual_information", mutualInformation)
                .with("usage_entropy", usageEntropy)
                .with("used_codes", usedCodes);
    }
}
