package dev.orrery.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.catalog.Catalog;
import dev.orrery.catalog.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Pages say what the code says.
class DocumentationTest {

    private static final Path HOME = Path.of("").toAbsolutePath().getParent();
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)[^)]*\\)");

    @Test
    void theSystemsPageIsTheCatalog() throws IOException {
        var table =
                Catalog.entries().stream()
                        .map(DocumentationTest::row)
                        .collect(Collectors.joining("\n"));
        assertThat(HOME.resolve("docs/systems.md")).content().contains(table);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        try (var pages = Files.walk(HOME.resolve("docs"))) {
            for (var page : pages.filter(p -> p.toString().endsWith(".md")).toList()) {
                broken(page, broken);
            }
        }
        for (var page : new String[] {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) {
            broken(HOME.resolve(page), broken);
        }
        assertThat(broken).isEmpty();
    }

    private static void broken(Path page, ArrayList<String> broken) throws IOException {
        var links = LINK.matcher(Files.readString(page));
        while (links.find()) {
            if (!Files.exists(page.resolveSibling(links.group(1)))) {
                broken.add(HOME.relativize(page) + " -> " + links.group(1));
            }
        }
    }

    private static String row(Entry entry) {
        return switch (entry) {
            case Entry.Ready ready ->
                    "| [%s](systems/%s.md) | runs | %s | %s |"
                            .formatted(ready.name(), ready.name(), ready.group(), ready.summary());
            case Entry.Planned planned ->
                    "| %s | planned | %s | %s |"
                            .formatted(planned.name(), planned.group(), planned.summary());
        };
    }
}
