package dev.orrery.cli;

import dev.orrery.catalog.Catalog;
import picocli.CommandLine.Command;

@Command(
        name = "demo",
        description = "Record demonstrations, train a policy on them, and play with it in a page.",
        mixinStandardHelpOptions = true)
final class DemoVerb implements java.util.concurrent.Callable<Integer> {

    @Override
    public Integer call() {
        Catalog.ready("pi0");
        return Main.DONE;
    }
}
