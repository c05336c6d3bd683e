package dev.orrery.system.genie;

import dev.orrery.env.Image;
import dev.orrery.worldmodel.play.DreamControls;
import dev.orrery.worldmodel.play.DreamPrompt;
import dev.orrery.worldmodel.play.DreamSession;
import dev.orrery.worldmodel.play.DreamTruth;
import dev.orrery.worldmodel.play.Sampling;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// A trained world for the studio's page: [Dream] behind the interface of all world models.
final class GenieSession implements DreamSession {

    private final Genie genie;
    private final GenieWeights.Head head;
    private final List<Image> pictures;
    private final DreamControls controls;
    private Optional<Dream> dream = Optional.empty();
    private Optional<PlayStart> start = Optional.empty();

    private GenieSession(Genie genie, GenieWeights.Head head, List<Image> pictures) {
        this.genie = genie;
        this.head = head;
        this.pictures = pictures;
        controls = controls(head, genie.codes(), pictures.size());
    }

    /// Opens a world that was saved.
    static GenieSession open(Path world) {
        var head = GenieWeights.head(world);
        var genie = GenieWeights.load(world);
        return new GenieSession(genie, head, GenieWeights.prompts(world));
    }

    private static DreamControls controls(GenieWeights.Head head, int codes, int prompts) {
        var data = head.config().data();
        var known = head.controls();
        var actions = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < known.codes().size(); i++) {
            actions.put(words(known.names().get(i)), known.codes().get(i));
        }
        return new DreamControls(
                data.height(),
                data.width(),
                IntStream.range(0, prompts).mapToObj(i -> "start %d".formatted(i + 1)).toList(),
                codes,
                known.idle(),
                actions,
                known.meanings());
    }

    static String words(String action) {
        return action.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Override
    public DreamControls controls() {
        return controls;
    }

    @Override
    public Image begin(DreamPrompt prompt, long seed) {
        var picture =
                switch (prompt) {
                    case DreamPrompt.Picture(var image) -> image;
                    case DreamPrompt.Recorded(int index) -> recorded(index);
                };
        var next = Dream.begin(genie, List.of(picture), seed);
        dream.ifPresent(Dream::close);
        dream = Optional.of(next);
        start =
                switch (prompt) {
                    case DreamPrompt.Recorded(int index) when index < head.starts().size() ->
                            Optional.of(head.starts().get(index));
                    default -> Optional.empty();
                };
        return next.picture();
    }

    private Image recorded(int index) {
        if (index < 0 || index >= pictures.size()) {
            throw new IllegalArgumentException(
                    "genie: prompt %d; this world has 0 to %d"
                            .formatted(index, pictures.size() - 1));
        }
        return pictures.get(index);
    }

    @Override
    public Image step(int code, Sampling sampling) {
        var order = head.config().evaluation().order();
        return begun().step(code, new MaskGitSampler(sampling.steps(), sampling.tau(), order));
    }

    private Dream begun() {
        return dream.orElseThrow(() -> new IllegalStateException("genie: begin a dream first"));
    }

    @Override
    public int[] ids() {
        return Arrays.stream(begun().ids()).mapToInt(Math::toIntExact).toArray();
    }

    @Override
    public Optional<DreamTruth> truth() {
        return start.map(place -> {
            var world = place.world();
            return DreamTruth.of(world, world.picture());
        });
    }

    @Override
    public void close() {
        dream.ifPresent(Dream::close);
        genie.close();
    }
}
