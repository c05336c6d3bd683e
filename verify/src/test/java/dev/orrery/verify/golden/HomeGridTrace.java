package dev.orrery.verify.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.env.homegrid.Draws;
import dev.orrery.env.homegrid.Facing;
import dev.orrery.env.homegrid.Hint;
import dev.orrery.env.homegrid.HomeGrid;
import dev.orrery.env.homegrid.HomeGridConfig;
import dev.orrery.env.homegrid.HouseAction;
import dev.orrery.env.homegrid.HouseState;
import dev.orrery.env.homegrid.Sentences;
import dev.orrery.env.homegrid.Thing;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Replays episodes that the published HomeGrid recorded: the same actions and the same random
/// draws must lead to the same states, rewards, views and words.
final class HomeGridTrace {

    private static final Map<String, String> ROOMS =
            Map.of("K", "tile", "L", "carpet", "D", "wood");
    private static final int CELL = 18;

    private final Map<String, int[]> tokens = new HashMap<>();
    private final Map<String, Integer> words = new HashMap<>();
    private final JsonNode file;

    private HomeGridTrace(Path path) {
        file = JsonMapper.shared().readTree(path.toFile());
        file.get("tokens")
                .properties()
                .forEach(entry -> tokens.put(entry.getKey(), numbers(entry.getValue())));
        tokens.forEach(this::learn);
        for (var episode : file.get("episodes")) {
            learn(
                    episode.get("language").get("text").asString(),
                    numbers(episode.get("preread_tokens")));
        }
    }

    /// Where a sentence has as many tokens as words, each word has its token.
    private void learn(String sentence, int[] ids) {
        var parts = sentence.split(" ");
        for (int i = 0; i < parts.length && parts.length == ids.length; i++) {
            words.put(parts[i], ids[i]);
        }
    }

    /// The recorded tokens of a sentence; -1 for what was never recorded.
    private int[] encode(String sentence) {
        var known = tokens.get(sentence);
        return known != null
                ? known
                : Arrays.stream(sentence.split(" "))
                        .mapToInt(word -> words.getOrDefault(word, -1))
                        .toArray();
    }

    /// Whether a file of expected values is such a recording.
    static boolean reads(Path path) {
        return path.getFileName().toString().equals("trajectories.json");
    }

    /// Replays every episode and returns how many steps were compared.
    static int run(Path path) {
        var trace = new HomeGridTrace(path);
        int steps = 0;
        for (var episode : trace.file.get("episodes")) {
            steps += trace.replay(episode);
        }
        return steps;
    }

    private int replay(JsonNode episode) {
        var initial = episode.get("initial");
        var draws = new Recorded(initial.get("agent").get("dir").asInt());
        var env = new HomeGrid(config(episode), new Sentences(this::encode));
        draws.load(episode.get("draws"));
        env.begin(draws);
        var name = "episode " + episode.get("seed");
        draws.done(name);
        assertThat(env.task().toString()).as(name).isEqualTo(episode.get("task").asString());
        compare(name, env, initial);
        view(name, env, episode.get("view"));
        heard(name, env, episode.get("language"));
        int at = 0;
        for (var step : episode.get("steps")) {
            step("%s step %d".formatted(name, at++), env, draws, step);
        }
        return at;
    }

    private static HomeGridConfig config(JsonNode episode) {
        var hints = EnumSet.noneOf(Hint.class);
        for (var kind : episode.get("kinds")) {
            if (!kind.asString().equals("task")) {
                hints.add(Hint.valueOf(kind.asString().toUpperCase(Locale.ROOT)));
            }
        }
        var arguments = episode.get("env");
        var events = HomeGridConfig.Events.PUBLISHED;
        return new HomeGridConfig(
                new HomeGridConfig.Speech(hints, 28, 20, 0.2),
                new HomeGridConfig.Events(
                        number(arguments, "p_teleport", events.teleport()),
                        events.spawn(),
                        number(arguments, "p_unsafe", events.unsafe())),
                (int) number(arguments, "num_trashcans", 2),
                (int) number(arguments, "num_trashobjs", 2),
                (int) number(arguments, "max_steps", 100),
                true,
                true,
                HomeGridConfig.View.SYMBOLS);
    }

    private static double number(JsonNode node, String key, double otherwise) {
        return node.has(key) ? node.get(key).asDouble() : otherwise;
    }

    private void step(String name, HomeGrid env, Recorded draws, JsonNode step) {
        draws.load(step.get("draws"));
        double reward = env.advance(HouseAction.values()[step.get("action").asInt()]);
        draws.done(name);
        assertThat(reward).as(name).isEqualTo(step.get("reward").asDouble());
        assertThat(env.terminated()).as(name).isEqualTo(step.get("terminated").asBoolean());
        assertThat(env.truncated()).as(name).isEqualTo(step.get("truncated").asBoolean());
        assertThat(env.task().toString()).as(name).isEqualTo(step.get("task").asString());
        assertThat(env.goalDistance()).as(name).isEqualTo(step.get("dist_goal").asInt());
        heard(name, env, step.get("language"));
        if (!step.get("acted").asBoolean()) {
            return;
        }
        compare(name, env, step.get("state"));
        view(name, env, step.get("view"));
        var events =
                StreamSupport.stream(step.get("events").spliterator(), false)
                        .map(event -> event.get("text").asString())
                        .toList();
        assertThat(env.events()).as(name).isEqualTo(events);
    }

    private static void heard(String name, HomeGrid env, JsonNode language) {
        assertThat(env.token()).as(name).isEqualTo(language.get("token").asInt());
        assertThat(env.utterance()).as(name).isEqualTo(language.get("text").asString());
        assertThat(env.reading()).as(name).isEqualTo(language.get("is_read_step").asBoolean());
    }

    private static void compare(String name, HomeGrid env, JsonNode expected) {
        var house = env.house();
        var agent = expected.get("agent");
        assertThat(house.steps()).as(name).isEqualTo(expected.get("step").asInt());
        assertThat(List.of(house.x(), house.y())).as(name).isEqualTo(place(agent));
        assertThat(house.facing()).as(name).isEqualTo(Facing.values()[agent.get("dir").asInt()]);
        assertThat(house.carried()).as(name).isEqualTo(thing(agent.get("carrying")));
        var objects = expected.get("objects");
        assertThat(house.things()).as(name).hasSize(objects.size());
        for (int i = 0; i < objects.size(); i++) {
            compare(name, house.things().get(i), objects.get(i));
        }
        var spill = expected.get("unsafe");
        assertThat(house.spill().map(HouseState.Spill::bin))
                .as(name)
                .isEqualTo(thing(spill.get("name")));
        house.spill()
                .ifPresent(s -> assertThat(s.until()).as(name).isEqualTo(spill.get("end").asInt()));
    }

    private static void compare(String name, HouseState.Placed placed, JsonNode expected) {
        assertThat(placed.thing().toString()).as(name).isEqualTo(expected.get("name").asString());
        assertThat(List.of(placed.x(), placed.y())).as(name).isEqualTo(place(expected));
        switch (placed) {
            case HouseState.Item item -> {
                boolean hidden = expected.get("invisible").asBoolean();
                int count = hidden ? expected.get("invisible_count").asInt() : 0;
                assertThat(item.hiddenFor()).as(name).isEqualTo(count);
            }
            case HouseState.Bin bin -> {
                assertThat(lower(bin.lid())).as(name).isEqualTo(expected.get("state").asString());
                assertThat(lower(bin.opener()))
                        .as(name)
                        .isEqualTo(expected.get("action").asString());
                var contains = expected.get("contains");
                assertThat(bin.holds())
                        .as(name)
                        .isEqualTo(contains.isEmpty() ? Optional.empty() : thing(contains.get(0)));
                assertThat(bin.brokenFor()).as(name).isEqualTo(expected.get("broken_t").asInt());
                assertThat(bin.mendsAfter())
                        .as(name)
                        .isEqualTo(expected.get("reset_broken_after").asInt());
            }
        }
    }

    /// The names of floors, furniture and things in view against the numbers that agents get.
    private static void view(String name, HomeGrid env, JsonNode rows) {
        var symbols = env.symbols();
        for (int i = 0; i < 9; i++) {
            var cell = rows.get(i / 3).get(i % 3).asString();
            var floor = cell.split("\\|")[0];
            int at = CELL * i;
            boolean wall = cell.endsWith("|wall") || cell.equals("outside");
            assertThat(symbols[at] > 0)
                    .as("%s wall %s", name, cell)
                    .isEqualTo(wall || floor.equals("-"));
            var rooms = List.of("K", "L", "D");
            for (int room = 0; room < 3; room++) {
                assertThat(symbols[at + 1 + room] > 0)
                        .as("%s floor %s", name, cell)
                        .isEqualTo(floor.startsWith(ROOMS.get(rooms.get(room))));
            }
            assertThat(symbols[at + 4] > 0)
                    .as("%s furniture %s", name, cell)
                    .isEqualTo(floor.contains("_"));
            if (i != 4) {
                things(name, symbols, at, cell);
            }
        }
    }

    private static void things(String name, float[] symbols, int at, String cell) {
        for (var thing : Thing.values()) {
            int k = thing.ordinal(), bin = at + 5 + 3 * (k - 4);
            boolean seen =
                    k < 4
                            ? symbols[at + 14 + k] > 0
                            : IntStream.range(bin, bin + 3).anyMatch(i -> symbols[i] > 0);
            assertThat(seen)
                    .as("%s %s in %s", name, thing, cell)
                    .isEqualTo(cell.endsWith("|" + thing));
        }
    }

    private static List<Integer> place(JsonNode node) {
        return List.of(node.get("pos").get(0).asInt(), node.get("pos").get(1).asInt());
    }

    private static Optional<Thing> thing(JsonNode name) {
        if (name.isNull()) {
            return Optional.empty();
        }
        for (var thing : Thing.values()) {
            if (thing.toString().equals(name.asString())) {
                return Optional.of(thing);
            }
        }
        throw new AssertionError("no thing is called " + name);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static int[] numbers(JsonNode node) {
        return IntStream.range(0, node.size()).map(i -> node.get(i).asInt()).toArray();
    }

    /// Answers with what was drawn, and only to the same questions.
    private static final class Recorded implements Draws {
        private final Deque<JsonNode> left = new ArrayDeque<>();
        private final int facing;

        Recorded(int facing) {
            this.facing = facing;
        }

        void load(JsonNode draws) {
            draws.forEach(left::add);
        }

        void done(String name) {
            assertThat(left).as("draws left over at %s", name).isEmpty();
        }

        private JsonNode next(String kind, int... arguments) {
            assertThat(left).as("a draw: %s", kind).isNotEmpty();
            var draw = left.remove();
            assertThat(draw.get(0).asString()).isEqualTo(kind);
            for (int i = 0; i < arguments.length; i++) {
                assertThat(draw.get(i + 1).asInt()).as("%s", draw).isEqualTo(arguments[i]);
            }
            return draw.get(draw.size() - 1);
        }

        @Override
        public int choice(int n) {
            return next("choice", n).asInt();
        }

        @Override
        public int[] sample(int n, int k) {
            var sample = numbers(next("sample", n));
            assertThat(sample).hasSize(k);
            return sample;
        }

        @Override
        public int[] shuffle(int n) {
            return numbers(next("shuffle", n));
        }

        @Override
        public int between(int low, int high) {
            return next("randint", low, high).asInt();
        }

        @Override
        public double uniform() {
            return next("uniform").asDouble();
        }

        @Override
        public int facing() {
            return facing;
        }
    }
}
