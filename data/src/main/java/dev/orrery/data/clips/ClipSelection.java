package dev.orrery.data.clips;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Some episodes of others.
record ClipSelection(Clips all, List<Integer> numbers, List<Clip> episodes) implements Clips {

    ClipSelection(Clips all, List<Integer> numbers) {
        this(all, List.copyOf(numbers), numbers.stream().map(n -> clip(all, n)).toList());
    }

    private static Clip clip(Clips all, int number) {
        if (number < 0 || number >= all.episodes().size()) {
            throw new IllegalArgumentException(
                    "there are episodes 0 to %d, not %d"
                            .formatted(all.episodes().size() - 1, number));
        }
        return all.episodes().get(number);
    }

    static Clips.Split split(Clips all, RandomGenerator random, double share) {
        int n = all.episodes().size();
        if (n < 2) {
            throw new IllegalArgumentException(
                    "%d episode cannot be parted for measuring; add videos, or cut long ones into"
                                    .formatted(n)
                            + " episodes (`orrery data clips convert --cut FRAMES`)");
        }
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "a share of %s held out; choose between 0 and 1".formatted(share));
        }
        var order = new ArrayList<Integer>();
        for (int i = 0; i < n; i++) order.add(random.nextInt(i + 1), i);
        int held = Math.clamp(Math.round(n * share), 1, n - 1);
        return new Clips.Split(
                all.only(order.subList(held, n).stream().sorted().toList()),
                all.only(order.subList(0, held).stream().sorted().toList()));
    }

    private int number(int episode) {
        if (episode < 0 || episode >= numbers.size()) {
            throw new IllegalArgumentException(
                    "there are episodes 0 to %d, not %d".formatted(numbers.size() - 1, episode));
        }
        return numbers.get(episode);
    }

    @Override
    public int height() {
        return all.height();
    }

    @Override
    public int width() {
        return all.width();
    }

    @Override
    public double fps() {
        return all.fps();
    }

    @Override
    public List<String> actionNames() {
        return all.actionNames();
    }

    @Override
    public void read(int episode, int first, int count, byte[] into, int at) {
        all.read(number(episode), first, count, into, at);
    }

    @Override
    public int[] actions(int episode) {
        return all.actions(number(episode));
    }

    @Override
    public long bytes() {
        return all.bytes();
    }

    @Override
    public void close() {
        all.close();
    }
}
