package dev.orrery.run;

/// Where a run says how far it is. The command line prints it; tests keep quiet.
public interface Progress {

    /// A new stage of work begins and ends the last one.
    ///
    /// @param name what is being done: `training pi0`
    /// @param total how many units it will take
    void stage(String name, long total);

    /// `done` of the stage's units are finished.
    ///
    /// @param detail the latest numbers, such as `loss 0.21`; may be empty
    void at(long done, String detail);

    /// One line to read now.
    void note(String line);

    /// Nothing more will come.
    default void end() {}

    /// Progress that nobody sees.
    static Progress silent() {
        return new Progress() {
            @Override
            public void stage(String name, long total) {}

            @Override
            public void at(long done, String detail) {}

            @Override
            public void note(String line) {}
        };
    }
}
