package dev.orrery.env.messenger;

import dev.orrery.env.ActionSpace;
import dev.orrery.env.Dice;
import dev.orrery.env.Image;
import dev.orrery.env.Observation;
import dev.orrery.env.Snapshot;
import dev.orrery.env.Vocabulary;
import dev.orrery.env.WordEnv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A grid on which a message has to be fetched from one character and brought to another while a
/// third is avoided; only a manual, read before the first step, tells who is who.
///
/// Rules of Messenger (Hanjie, Zhong, Narasimhan, arXiv:2101.07393) with the manual streamed word
/// by word and a time limit as in Dynalang (arXiv:2308.01399), which costs 1. Manuals are made of
/// our own sentences. A game that ends in the very last step keeps its reward; the wrapper
/// published with Dynalang gives -1 then, too.
public final class Messenger implements WordEnv<MessengerAction> {

    private static final ActionSpace.Discrete<MessengerAction> ACTIONS =
            ActionSpace.of(MessengerAction.class);

    private final MessengerConfig config;
    private final Board board = new Board();
    private final int[] shape;
    private Dice dice = new Dice(0);
    private Game game;
    private List<Script.Sentence> manual = List.of();
    private int[] text = {};
    private int read, steps;
    private boolean reading, terminated, truncated, begun;

    public Messenger(MessengerConfig config) {
        this.config = config;
        this.game = config.games().first().getFirst();
        this.shape = new int[] {config.window().height(), config.window().width(), Entity.LAYERS};
    }

    @Override
    public ActionSpace.Discrete<MessengerAction> actions() {
        return ACTIONS;
    }

    @Override
    public Vocabulary vocabulary() {
        return config.script().vocabulary();
    }

    @Override
    public int[] symbolShape() {
        return shape.clone();
    }

    @Override
    public int symbolCount() {
        return shape[0] * shape[1] * shape[2];
    }

    @Override
    public void begin(long seed) {
        dice = new Dice(seed);
        var games = config.games();
        boolean first = games.second().isEmpty() || dice.chance(games.firstProbability());
        var list = first ? games.first() : games.second();
        begin(list.get(dice.nextInt(list.size())));
    }

    /// Starts an episode of this game with what is left of the random draws.
    void begin(Game chosen) {
        game = chosen;
        switch (config.stage()) {
            case 1 -> board.first(dice, config.messageAtStart());
            case 2 -> board.second(dice, config.newMovements());
            default -> board.third(dice);
        }
        manual = new ManualWriter(config, dice).write(game, board);
        text = manual.stream().flatMapToInt(s -> Arrays.stream(s.tokens())).toArray();
        read = 0;
        steps = 0;
        reading = text.length > 0;
        terminated = false;
        truncated = false;
        begun = true;
    }

    @Override
    public double advance(MessengerAction action) {
        if (!begun || terminated || truncated) {
            throw new IllegalStateException(
                    begun
                            ? "messenger: the episode is over; reset it"
                            : "messenger: reset it first");
        }
        if (read < text.length - 1) {
            read++;
            return 0;
        }
        read = text.length;
        reading = false;
        steps++;
        double reward = config.stage() == 1 ? board.walk(action) : board.tick(action, dice);
        terminated = board.over();
        truncated = !terminated && steps >= config.maxSteps();
        return truncated ? -1 : reward;
    }

    /// Who is who; agents must not look.
    public Game game() {
        return game;
    }

    /// What is where; agents must not look.
    public Board board() {
        return board;
    }

    /// The sentences of the manual, in the order in which they are read.
    public List<String> manual() {
        return manual.stream().map(Script.Sentence::text).toList();
    }

    /// `(H, W, 17)` numbers: 1 in a cell's layer [Entity#layer] where that character is, and in
    /// layer 15 or 16 where the avatar is without or with the message.
    @Override
    public void symbols(float[] into, int offset) {
        Arrays.fill(into, offset, offset + symbolCount(), 0);
        for (int piece = 0; piece < Board.PIECES; piece++) {
            if (board.present(piece)) {
                var window = config.window();
                int x = board.column(piece) - window.x(), y = board.row(piece) - window.y();
                if (x >= 0 && y >= 0 && x < window.width() && y < window.height()) {
                    into[offset + (y * window.width() + x) * Entity.LAYERS + layer(piece)] = 1;
                }
            }
        }
    }

    private int layer(int piece) {
        return switch (piece) {
            case Board.AVATAR -> board.hasMessage() ? Entity.AVATAR_WITH_MESSAGE : Entity.AVATAR;
            case Board.ENEMY -> game.enemy().layer();
            case Board.MESSAGE, Board.DECOY_MESSAGE -> game.message().layer();
            default -> game.goal().layer();
        };
    }

    /// The window, eight pixels a cell, a colour for each character.
    @Override
    public Image picture() {
        return MessengerPainter.paint(config.window(), 8, board, this::layer);
    }

    /// The whole grid.
    ///
    /// @param scale pixels a cell, 4 to 64
    public Image render(int scale) {
        if (scale < 4 || scale > 64) {
            throw new IllegalArgumentException(
                    "messenger: scale %d; choose 4 to 64 pixels a cell".formatted(scale));
        }
        return MessengerPainter.paint(MessengerConfig.Window.GRID, scale, board, this::layer);
    }

    @Override
    public int token() {
        return read < text.length ? text[read] : Vocabulary.PAD;
    }

    @Override
    public String utterance() {
        return read < text.length
                ? manual().stream().collect(Collectors.joining(" </s> "))
                : "<pad>";
    }

    @Override
    public boolean reading() {
        return reading;
    }

    @Override
    public boolean terminated() {
        return terminated;
    }

    @Override
    public boolean truncated() {
        return truncated;
    }

    @Override
    public Observation observe() {
        return new Observation(new LinkedHashMap<>(), symbols(), vocabulary().word(token()));
    }

    @Override
    public long[] state() {
        var snapshot = Snapshot.write("messenger " + config.stage());
        snapshot.put(dice.state()).put(read).put(steps).put(reading);
        snapshot.put(terminated).put(truncated).put(begun);
        snapshot.put(game.enemy().ordinal()).put(game.message().ordinal());
        snapshot.put(game.goal().ordinal()).put(text);
        board.write(snapshot);
        return snapshot.done();
    }

    @Override
    public void restore(long[] state) {
        var snapshot = Snapshot.read("messenger " + config.stage(), state);
        dice = Dice.at(snapshot.take());
        read = snapshot.takeInt();
        steps = snapshot.takeInt();
        reading = snapshot.takeBoolean();
        terminated = snapshot.takeBoolean();
        truncated = snapshot.takeBoolean();
        begun = snapshot.takeBoolean();
        game =
                new Game(
                        Entity.of(snapshot.takeInt()),
                        Entity.of(snapshot.takeInt()),
                        Entity.of(snapshot.takeInt()));
        text = snapshot.takeInts();
        manual = sentences(text);
        board.read(snapshot);
        snapshot.end();
    }

    private List<Script.Sentence> sentences(int[] tokens) {
        var sentences = new ArrayList<Script.Sentence>();
        int from = 0;
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] == Vocabulary.END) {
                var words = vocabulary().decode(Arrays.copyOfRange(tokens, from, i));
                sentences.add(new Script.Sentence(words, Arrays.copyOfRange(tokens, from, i + 1)));
                from = i + 1;
            }
        }
        return sentences;
    }

    /// How a role's character moves; agents must not look.
    public Optional<Movement> movement(Role role) {
        return config.stage() == 1 ? Optional.empty() : Optional.of(board.movement(role));
    }
}
