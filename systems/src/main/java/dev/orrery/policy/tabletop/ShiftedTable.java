package dev.orrery.policy.tabletop;

import dev.orrery.env.BatchPolicy;
import dev.orrery.env.Observation;
import dev.orrery.env.tabletop.Colour;
import dev.orrery.env.tabletop.Family;
import dev.orrery.policy.ActionChunks.Place;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The tabletop as another lab might have it, for policies to adapt to: every colour goes by the
/// next one's name, the hand's x-axis is mirrored, and there is one more task, exchanging two
/// blocks.
///
/// Nothing is drawn otherwise: instructions are translated before the policy reads them, and
/// actions are mirrored after it. That the words for colours move on by one is the same as moving
/// the palette, as far as one can tell from pictures and words.
public final class ShiftedTable {

    /// The families of its demonstrations.
    public static final List<Family> FAMILIES = families();

    private ShiftedTable() {}

    private static List<Family> families() {
        var all = new ArrayList<>(Family.CORE);
        all.add(Family.SWAP);
        return List.copyOf(all);
    }

    /// An instruction in its words.
    public static String translate(String instruction) {
        return Arrays.stream(instruction.split(" "))
                .map(ShiftedTable::word)
                .collect(Collectors.joining(" "));
    }

    private static String word(String word) {
        var colours = Colour.values();
        for (var colour : colours) {
            if (colour.word().equals(word)) {
                return colours[(colour.ordinal() + 1) % colours.length].word();
            }
        }
        return word;
    }

    /// An action of its hand as one of the ordinary hand, and back.
    public static float[] mirror(float[] action) {
        var mirrored = action.clone();
        mirrored[0] = -mirrored[0];
        return mirrored;
    }

    /// Demonstrations as this table would have recorded them.
    public static FrameSource frames(FrameSource ordinary) {
        return new Frames(ordinary);
    }

    /// A policy of this table, put at the ordinary one.
    public static BatchPolicy<float[]> policy(BatchPolicy<float[]> shifted) {
        return new BatchPolicy<>() {
            @Override
            public void reset(long[] seeds) {
                shifted.reset(seeds);
            }

            @Override
            public List<float[]> act(int[] episodes, List<Observation> observations) {
                var translated =
                        observations.stream().map(o -> o.withText(translate(o.text()))).toList();
                return shifted.act(episodes, translated).stream()
                        .map(ShiftedTable::mirror)
                        .toList();
            }
        };
    }

    /// Frames of this table.
    ///
    /// @param ordinary what they are made from
    record Frames(FrameSource ordinary) implements FrameSource {

        @Override
        public int episodes() {
            return ordinary.episodes();
        }

        @Override
        public int length(int episode) {
            return ordinary.length(episode);
        }

        @Override
        public float[] state(Place place) {
            return ordinary.state(place);
        }

        @Override
        public float[] action(Place place) {
            return mirror(ordinary.action(place));
        }

        @Override
        public String instruction(Place place) {
            return translate(ordinary.instruction(place));
        }

        @Override
        public boolean overhead(Place place, byte[] rgb, int at) {
            return ordinary.overhead(place, rgb, at);
        }

        @Override
        public boolean wrist(Place place, byte[] rgb, int at) {
            return ordinary.wrist(place, rgb, at);
        }

        /// Empty: what is known of a scene names its colours in the ordinary words.
        @Override
        public Optional<Truth> truth(Place place) {
            return Optional.empty();
        }

        @Override
        public boolean labelled() {
            return false;
        }

        @Override
        public void close() {
            ordinary.close();
        }
    }
}
