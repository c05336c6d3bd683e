package dev.orrery.env.langroom;

/// The constants of [LangRoom].
///
/// @param size cells along each side of the room, 3 or more, odd; a thing stands in each corner
/// @param sight how many cells around it the agent sees
/// @param length steps of an episode
/// @param words size of the vocabulary, 15 or more; words beyond the 15 mean nothing
/// @param pay what is rewarded
/// @param pauses how long the world is silent
public record LangRoomConfig(int size, int sight, int length, int words, Pay pay, Pauses pauses) {

    /// What is rewarded.
    public enum Pay {
        /// 1 for the right colour in time, -0.1 for another word then, -0.01 for speaking
        /// otherwise.
        ANSWER_ONLY,
        /// 10 for the right colour in time, 0.1 for saying anything else with the world.
        ANSWER_AND_ECHO,
        /// 1 for saying anything with the world, silence included.
        ECHO
    }

    /// How long the world is silent.
    ///
    /// @param least fewest steps before a question and after an answer
    /// @param most most steps there
    /// @param thinking steps between question and answer
    public record Pauses(int least, int most, int thinking) {

        public Pauses {
            if (least < 0 || most < least || thinking < 0) {
                throw new IllegalArgumentException(
                        "langroom: pauses of %d to %d and %d steps"
                                .formatted(least, most, thinking));
            }
        }
    }

    public LangRoomConfig {
        if (size < 3 || size % 2 == 0) {
            throw new IllegalArgumentException(
                    "langroom: size %d; choose an odd number from 3 on".formatted(size));
        }
        if (sight < 1 || length < 1) {
            throw new IllegalArgumentException(
                    "langroom: sight %d and length %d; both are 1 or more"
                            .formatted(sight, length));
        }
        if (words < LangRoom.WORDS.size()) {
            throw new IllegalArgumentException(
                    "langroom: a vocabulary of %d words; it needs %d or more"
                            .formatted(words, LangRoom.WORDS.size()));
        }
    }

    /// The published environment of one kind: a room of 7 x 7 cells of which 5 x 5 are seen.
    public static LangRoomConfig published(Pay pay) {
        return new LangRoomConfig(7, 2, 200, 15, pay, new Pauses(5, 9, 10));
    }

    /// A room of 3 x 3 cells, all of them in sight from the middle, and short pauses.
    public static LangRoomConfig mini() {
        return new LangRoomConfig(3, 1, 100, 15, Pay.ANSWER_ONLY, new Pauses(1, 3, 2));
    }
}
