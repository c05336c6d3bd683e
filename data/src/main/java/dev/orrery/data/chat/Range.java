package dev.orrery.data.chat;

import java.util.ArrayList;

/// Python's `range`, of at most so many numbers as Jinja's sandbox allows.
final class Range {

    private static final int MOST = 100_000;

    private Range() {}

    static Value of(Arguments a) {
        boolean one = a.places().size() == 1;
        long from = one ? 0 : a.need(0, "start").asLong();
        long to = a.need(one ? 0 : 1, "stop").asLong();
        long step = a.get(2, "step", Value.of(1)).asLong();
        if (step == 0) throw new TemplateException("range cannot step by 0");
        var numbers = new ArrayList<Value>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            if (numbers.size() == MOST) {
                throw new TemplateException("a range has at most %d numbers".formatted(MOST));
            }
            numbers.add(Value.of(i));
        }
        return new Value.Seq(numbers);
    }
}
