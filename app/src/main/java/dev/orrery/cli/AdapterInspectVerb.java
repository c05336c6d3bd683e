package dev.orrery.cli;

import dev.orrery.adapter.AdapterFolders;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = "Tell which layers an adapter changes, how, and of which base.",
        mixinStandardHelpOptions = true)
final class AdapterInspectVerb implements Callable<Integer> {

    @Mixin private Console console;

    @Parameters(paramLabel = "FOLDER", description = "A folder that PEFT or orrery saved.")
    private Path folder;

    @Override
    public Integer call() {
        var view = AdapterFolders.inspect(folder);
        var layers =
                view.layers().stream()
                        .map(l -> "%s: %s".formatted(l.path(), shapes(l)))
                        .collect(Collectors.joining("\n"));
        long trained = view.layers().stream().mapToLong(AdapterFolders.Layer::trained).sum();
        console.result(
                view,
                "%s\n%d layers, %,d numbers, %d tensors whole, base %s\n%s"
                        .formatted(
                                view.method(),
                                view.layers().size(),
                                trained,
                                view.whole().size(),
                                view.base().isEmpty() ? "not told" : view.base(),
                                layers));
        return Main.DONE;
    }

    private static String shapes(AdapterFolders.Layer layer) {
        return layer.tensors().values().stream()
                .map(Object::toString)
                .collect(Collectors.joining(" "));
    }
}
