package dev.orrery.system.rt2;

import dev.orrery.data.Mixture;
import dev.orrery.env.tabletop.Family;
import dev.orrery.env.tabletop.HeldOut;
import dev.orrery.env.tabletop.Kind;
import dev.orrery.env.tabletop.Plan;
import dev.orrery.policy.ActionChunks;
import dev.orrery.policy.tabletop.FolderFrames;
import dev.orrery.policy.tabletop.FrameSource;
import dev.orrery.policy.tabletop.QuestionBatches;
import dev.orrery.run.Run;
import dev.orrery.run.TabletopDemonstrations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// Robot frames and questions as training batches.
final class RtTwoData implements AutoCloseable {

    /// The sources of the mixture, by their places.
    static final int ROBOT = 0;

    private static final int CORPUS = 1000;

    private final RtTwoConfig config;
    private final FrameSource source;
    private final ActionChunks chunks;
    private final ActionBins bins;
    private final RtTwoWords words;
    private final QuestionBatches questions;

    private RtTwoData(
            RtTwoConfig config,
            FrameSource source,
            ActionChunks chunks,
            ActionBins bins,
            RtTwoWords words) {
        this.config = config;
        this.source = source;
        this.chunks = chunks;
        this.bins = bins;
        this.words = words;
        questions = questions(config, words);
    }

    /// The questions of a configuration.
    static QuestionBatches questions(RtTwoConfig config, RtTwoWords words) {
        return new QuestionBatches(
                words.lexicon(),
                config.model().text().prompt(),
                List.of(),
                config.web().reworded());
    }

    /// What the configuration names: a folder, or else demonstrations that are recorded now with
    /// the run's seed.
    static RtTwoData of(RtTwoConfig config, Run run) {
        var wanted = config.demonstrations();
        if (!wanted.folder().isEmpty()) {
            int dims = config.model().actions().dims();
            return of(config, FolderFrames.open(Path.of(wanted.folder()), Integer.MAX_VALUE, dims));
        }
        var recorded = TabletopDemonstrations.record(run, wanted.families(), wanted.perFamily());
        return of(config, new FrameSource.Recorded(recorded));
    }

    /// The families that are trained.
    static List<Family> families(RtTwoConfig config) {
        return TabletopDemonstrations.families(config.demonstrations().families());
    }

    /// Frames of any source, with tokens of their own; closes the source if they cannot be learned
    /// from.
    static RtTwoData of(RtTwoConfig config, FrameSource source) {
        try {
            var actions = config.model().actions();
            var bins = actions.bins();
            if (config.model().text().plan() > 0 && !source.labelled()) {
                throw new IllegalArgumentException(
                        "rt-2: plans come from the simulator's expert, and this data set has none;"
                                + " set model.text.plan to 0");
            }
            var episodes = new ArrayList<float[][]>();
            for (int e = 0; e < source.episodes(); e++) {
                var episode = new float[source.length(e)][];
                for (int t = 0; t < episode.length; t++) {
                    episode[t] = source.action(new ActionChunks.Place(e, t));
                    bins.write(episode[t]);
                }
                episodes.add(episode);
            }
            var words = RtTwoWords.of(config.model(), corpus(config, source));
            var data =
                    new RtTwoData(
                            config,
                            source,
                            ActionChunks.of(episodes, actions.chunk()),
                            bins,
                            words);
            data.instructions().forEach(text -> checkFits(config.model(), words, text));
            return data;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /// @throws IllegalArgumentException if a prompt has more words than the model reads
    static void checkFits(RtTwoConfig.Model model, RtTwoWords words, String instruction) {
        int room = model.text().prompt() - 1;
        int length = words.lexicon().ids(RtTwoWords.prompt(instruction)).length;
        if (length > room) {
            throw new IllegalArgumentException(
                    "rt-2: the prompt of '%s' has %d words, the model reads %d; say it shorter or train with model.text.prompt=%d"
                            .formatted(instruction, length, room, length + 1));
        }
    }

    /// The texts that are counted to find the least used ids: instructions, questions and answers.
    private static List<String> corpus(RtTwoConfig config, FrameSource source) {
        var texts = new ArrayList<>(instructions(source));
        var questions = questions(config, RtTwoWords.of(config.model(), List.of()));
        for (long seed = 0; seed < CORPUS; seed++) {
            var question = questions.question(seed);
            texts.add(question.text());
            texts.add(question.answer());
        }
        return texts;
    }

    private static LinkedHashSet<String> instructions(FrameSource source) {
        var all = new LinkedHashSet<String>();
        for (int e = 0; e < source.episodes(); e++) {
            all.add(source.instruction(new ActionChunks.Place(e, 0)));
        }
        return all;
    }

    /// Every instruction of the robot's data, once each.
    List<String> instructions() {
        return List.copyOf(instructions(source));
    }

    /// The instructions that name a kind of block which demonstrations must not name: what is asked
    /// about only in questions would otherwise not be unseen.
    static List<String> leaked(List<String> instructions) {
        var kept = Kind.ALL.stream().filter(HeldOut::diagonal).map(Kind::words).toList();
        return instructions.stream()
                .filter(text ->
                        kept.stream()
                                .anyMatch(name -> text.toLowerCase(Locale.ROOT).contains(name)))
                .toList();
    }

    @Override
    public void close() {
        source.close();
    }

    /// The tokens of words and integers.
    RtTwoWords words() {
        return words;
    }

    /// The bounds of actions.
    ActionBins bins() {
        return bins;
    }

    /// The number of episodes.
    int episodes() {
        return source.episodes();
    }

    /// The number of frames, each of which is a sample.
    int size() {
        return chunks.size();
    }

    /// Values outside their bounds, over all frames.
    long clipped() {
        long sum = 0;
        for (int i = 0; i < chunks.size(); i++) {
            sum += bins.write(chunks.window(chunks.place(i)).actions()[0]).clipped();
        }
        return sum;
    }

    /// What batches are drawn from: robot frames and questions, by the share of stage R.
    Mixture mixture(long seed) {
        double robot = config.training().robot();
        return Mixture.of(
                List.of(
                        new Mixture.Source("robot", robot, chunks.size()),
                        Mixture.Source.endless("questions", 1 - robot)),
                seed);
    }

    /// The items that a mixture picked.
    RtBatch batch(List<Mixture.Pick> picks) {
        var sheet = new RtSheet(words, picks.size(), config.model().text().prompt());
        for (int b = 0; b < picks.size(); b++) {
            var pick = picks.get(b);
            if (pick.source() == ROBOT) {
                int frame = new SplittableRandom(pick.seed()).nextInt(chunks.size());
                write(sheet, b, chunks.place(frame));
            } else {
                questions.write(sheet.lesson(), b, pick.seed());
            }
        }
        return sheet.batch();
    }

    /// These frames.
    RtBatch frames(List<ActionChunks.Place> places) {
        var sheet = new RtSheet(words, places.size(), config.model().text().prompt());
        for (int b = 0; b < places.size(); b++) write(sheet, b, places.get(b));
        return sheet.batch();
    }

    private void write(RtSheet sheet, int b, ActionChunks.Place place) {
        sheet.lesson().pictures().frame(b, source, place);
        var instruction = source.instruction(place);
        var truth = source.truth(place);
        int dims = bins.dims(), clipped = 0;
        var window = chunks.window(place).actions();
        var integers = new int[1 + window.length * dims];
        for (int k = 0; k < window.length; k++) {
            var written = bins.write(window[k]);
            clipped += written.clipped();
            System.arraycopy(written.bins(), 0, integers, 1 + k * dims, dims);
        }
        integers[0] = ends(place) ? 1 : 0;
        var plan =
                config.model().text().plan() > 0
                        ? truth.map(t -> Plan.of(t.demonstration(), place.frame())).orElse("")
                        : "";
        sheet.act(b, instruction, plan, ActionString.Said.of(integers), clipped);
        truth.ifPresent(t ->
                sheet.lesson()
                        .labels()
                        .instruct(b, t.scene(), t.demonstration().task(), instruction));
    }

    /// Whether an episode is over at a frame: from the one on that completes the goal, or at the
    /// last one where that is not known.
    private boolean ends(ActionChunks.Place place) {
        return source.truth(place)
                .map(t -> place.frame() >= t.demonstration().successAt())
                .orElse(place.frame() == source.length(place.episode()) - 1);
    }
}
