package dev.orrery.policy.tabletop;

import dev.orrery.env.tabletop.Demonstration;
import dev.orrery.env.tabletop.Projector;
import dev.orrery.env.tabletop.Scene;
import dev.orrery.policy.ActionChunks.Place;
import java.util.List;
import java.util.Optional;

/// Where the frames come from that a policy learns: from the simulator's memory, or from a folder.
///
/// Pictures are 64 x 64 and 32 x 32 RGB bytes, written into a batch. Reading is safe from several
/// threads.
public sealed interface FrameSource extends AutoCloseable
        permits FrameSource.Recorded, FolderFrames, ShiftedTable.Frames {

    /// The number of episodes.
    int episodes();

    /// The number of frames T of an episode.
    int length(int episode);

    /// What the arm felt.
    float[] state(Place place);

    /// What it did.
    float[] action(Place place);

    /// What it was told.
    String instruction(Place place);

    /// Writes what the overhead camera saw.
    ///
    /// @return whether there is such a camera; if not, nothing is written
    boolean overhead(Place place, byte[] rgb, int at);

    /// Writes what the wrist camera saw.
    boolean wrist(Place place, byte[] rgb, int at);

    /// What lies where, with the task, where that is known.
    Optional<Truth> truth(Place place);

    /// Whether [#truth] is known of every frame.
    boolean labelled();

    @Override
    void close();

    /// What only a simulator knows.
    record Truth(Scene scene, Demonstration demonstration) {}

    /// Demonstrations in memory: true states are kept, pictures are drawn when a batch wants them.
    ///
    /// @param demonstrations the episodes
    record Recorded(List<Demonstration> demonstrations) implements FrameSource {

        @Override
        public int episodes() {
            return demonstrations.size();
        }

        @Override
        public int length(int episode) {
            return demonstrations.get(episode).length();
        }

        private Demonstration of(Place place) {
            return demonstrations.get(place.episode());
        }

        @Override
        public float[] state(Place place) {
            var state = new float[of(place).arm().stateSize()];
            new Projector().state(of(place), place.frame(), state, 0);
            return state;
        }

        @Override
        public float[] action(Place place) {
            var action = new float[of(place).arm().actionSize()];
            of(place).action(place.frame(), action, 0);
            return action;
        }

        @Override
        public String instruction(Place place) {
            return of(place).instruction();
        }

        @Override
        public boolean overhead(Place place, byte[] rgb, int at) {
            new Projector().overhead(of(place), place.frame(), rgb, at);
            return true;
        }

        @Override
        public boolean wrist(Place place, byte[] rgb, int at) {
            new Projector().wrist(of(place), place.frame(), rgb, at);
            return true;
        }

        @Override
        public Optional<Truth> truth(Place place) {
            var scene = new Projector().scene(of(place), place.frame());
            return Optional.of(new Truth(scene, of(place)));
        }

        @Override
        public boolean labelled() {
            return true;
        }

        @Override
        public void close() {}
    }
}
