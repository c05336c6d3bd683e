package dev.orrery.env.tabletop;

import dev.orrery.env.Dice;

/// Everything that decides how an episode starts.
///
/// @param task what is asked for
/// @param seed what the scene is drawn from
/// @param phrase the wording that the agent reads
/// @param leastBlocks fewest blocks in the scene
/// @param mostBlocks most blocks in the scene, at most 8
/// @param look how the scene appears
public record Start(
        Task task, long seed, String phrase, int leastBlocks, int mostBlocks, Look look) {

    public Start {
        if (leastBlocks < 1 || mostBlocks < leastBlocks || mostBlocks > World.MOST_BLOCKS) {
            throw new IllegalArgumentException(
                    "a scene has 1 to %d blocks, not %d to %d"
                            .formatted(World.MOST_BLOCKS, leastBlocks, mostBlocks));
        }
    }

    /// An ordinary scene: three to six blocks, plain look.
    public static Start of(Task task, long seed, String phrase) {
        return new Start(task, seed, phrase, 3, 6, Look.PLAIN);
    }

    /// A start that demonstrations may contain; the seed decides task, wording and scene.
    static Start training(Family family, long seed) {
        var dice = Dice.of(seed, 1);
        var task = Tasks.training(family, dice);
        var phrases = Grammar.phrases(task, Grammar.Wording.TRAINING);
        return of(task, seed, phrases.get(dice.nextInt(phrases.size())));
    }

    /// Lays the scene.
    ///
    /// @throws IllegalArgumentException if none fits the task
    void lay(World w, Arm arm) {
        if (task instanceof Task.Align && arm == Arm.FOUR) {
            throw new IllegalArgumentException(
                    "task '%s' turns a block, which takes an arm of seven degrees of freedom"
                            .formatted(task.code()));
        }
        Layout.fill(w, task, Dice.of(seed, 2), leastBlocks, mostBlocks);
        w.turning |= arm == Arm.SEVEN;
    }
}
