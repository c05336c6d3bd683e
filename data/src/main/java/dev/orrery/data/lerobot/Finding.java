package dev.orrery.data.lerobot;

/// Something that is not as it should be in a data set.
///
/// @param severity how bad
/// @param file the file it is about, relative to the data set's folder, or empty
/// @param episode the episode's number, or -1
/// @param frame the frame's place in its episode, or -1
/// @param what what was found, and what was expected
/// @param fix what can be done
public record Finding(
        Severity severity, String file, int episode, int frame, String what, String fix) {

    /// How bad a finding is.
    public enum Severity {
        /// Worth knowing; the data set is usable.
        WARNING,
        /// Something is lost, wrong, or will mislead training.
        ERROR
    }

    /// One line for people.
    @Override
    public String toString() {
        var where = new StringBuilder();
        if (!file.isEmpty()) where.append(file).append(": ");
        if (episode >= 0)
            where.append("episode ")
                    .append(episode)
                    .append(frame >= 0 ? ", frame " + frame : "")
                    .append(": ");
        return "%s %s%s%s"
                .formatted(
                        severity.name().toLowerCase(java.util.Locale.ROOT),
                        where,
                        what,
                        fix.isEmpty() ? "" : "; " + fix);
    }
}
