package dev.orrery.cli;

import dev.orrery.data.clips.ClipFiles;
import dev.orrery.data.clips.ClipFolder;
import dev.orrery.data.clips.Clips;
import dev.orrery.data.clips.OrvClips;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "info",
        description = {
            "Say what an .orv file holds, or what a folder of videos would become.",
            "Of a folder, files are opened and a few frames packed, to estimate the size."
        },
        mixinStandardHelpOptions = true)
final class DataClipsInfoVerb implements Callable<Integer> {

    private static final int SHOWN = 20;

    @Mixin private Console console;
    @Mixin private ClipsOptions options;

    @Parameters(paramLabel = "PATH", description = "An .orv file, a folder of videos or a video.")
    private Path path;

    @Override
    public Integer call() {
        if (ClipFiles.isOrv(path)) {
            try (var clips = OrvClips.open(path)) {
                file(clips);
            }
        } else folder(ClipFolder.survey(path, options.options()));
        return Main.DONE;
    }

    private void file(Clips clips) {
        var facts = facts(clips.height(), clips.width(), clips.fps(), clips.actionNames());
        facts.put("episodes", clips.episodes().size());
        facts.put("frames", clips.frameCount());
        facts.put("unpacked_bytes", clips.frameCount() * clips.frameBytes());
        facts.put("memory_bytes", clips.bytes());
        var names =
                clips.episodes().stream()
                        .map(e -> "%s: %d frames".formatted(e.name(), e.frames()))
                        .toList();
        show(facts, "episodes", names);
    }

    private void folder(ClipFolder folder) {
        folder.notes().forEach(console::warn);
        folder.bad().forEach(console::warn);
        var facts = facts(folder.height(), folder.width(), folder.fps(), folder.actionNames());
        facts.put("videos", folder.videos());
        facts.put("unreadable", folder.bad().size());
        facts.put("frames", folder.frames());
        facts.put("unpacked_bytes", folder.unpackedBytes());
        facts.put("packed_bytes_about", folder.estimate());
        show(facts, "videos", folder.sources());
    }

    private static Map<String, Object> facts(
            int height, int width, double fps, List<String> actions) {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("height", height);
        facts.put("width", width);
        facts.put("fps", fps);
        facts.put("actions", actions);
        return facts;
    }

    private void show(Map<String, Object> facts, String what, List<String> names) {
        var text = new StringBuilder();
        facts.forEach((key, value) -> {
            boolean big = value instanceof Number n && n.doubleValue() >= 10_000;
            text.append("%-20s %s%n".formatted(key, big ? "%,d".formatted(value) : value));
        });
        names.stream().limit(SHOWN).forEach(n -> text.append("  ").append(n).append('\n'));
        if (names.size() > SHOWN) text.append("  … %d more%n".formatted(names.size() - SHOWN));
        var json = new LinkedHashMap<>(facts);
        json.put(what + "_listed", names);
        console.result(json, text.toString().stripTrailing());
    }
}
