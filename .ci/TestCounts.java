import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/// Adds up what the tests of all modules reported, and ends with the counts.
///
/// `java TestCounts.java HOME`: exit 0 if all passed; 1 if one failed or none ran, and where
/// ORRERY_NO_SKIPPED names a package also if one was skipped there or none of it ran.
public final class TestCounts {

    private record Case(String type, String name, String outcome, String why) {}

    public static void main(String[] args) throws Exception {
        var cases = new ArrayList<Case>();
        double seconds = 0;
        for (var report : reports(Path.of(args[0]))) {
            var suite =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(report.toFile())
                            .getDocumentElement();
            seconds += Double.parseDouble(suite.getAttribute("time").replace(",", ""));
            var nodes = suite.getElementsByTagName("testcase");
            for (int i = 0; i < nodes.getLength(); i++) {
                cases.add(read((Element) nodes.item(i)));
            }
        }
        var failed = with(cases, "failed");
        var skipped = with(cases, "skipped");
        show("FAILED", failed);
        show("skipped", skipped);
        var needed = System.getenv("ORRERY_NO_SKIPPED");
        int missing = needed == null ? 0 : notRun(cases, needed);
        System.out.printf(
                "%d tests: %d passed, %d failed, %d skipped (%.0f s in tests)%n",
                cases.size(),
                cases.size() - failed.size() - skipped.size(),
                failed.size(),
                skipped.size(),
                seconds);
        System.exit(cases.isEmpty() || !failed.isEmpty() || missing > 0 ? 1 : 0);
    }

    private static List<Path> reports(Path home) throws IOException {
        var all = new ArrayList<Path>();
        try (var modules = Files.newDirectoryStream(home)) {
            for (var module : modules) {
                var folder = module.resolve("target/surefire-reports");
                if (Files.isDirectory(folder)) {
                    try (var files = Files.newDirectoryStream(folder, "TEST-*.xml")) {
                        files.forEach(all::add);
                    }
                }
            }
        }
        all.sort(null);
        return all;
    }

    private static Case read(Element test) {
        for (var tag : List.of("failure", "error", "skipped")) {
            var found = test.getElementsByTagName(tag);
            if (found.getLength() > 0) {
                var why = why((Element) found.item(0));
                return of(test, tag.equals("skipped") ? "skipped" : "failed", why);
            }
        }
        return of(test, "passed", "");
    }

    private static String why(Element outcome) {
        var message = outcome.getAttribute("message");
        var text = message.isEmpty() ? outcome.getTextContent().strip() : message;
        return text.replaceFirst("^[\\w.$]+(Exception|Error): ", "");
    }

    private static Case of(Element test, String outcome, String why) {
        return new Case(test.getAttribute("classname"), test.getAttribute("name"), outcome, why);
    }

    private static List<Case> with(List<Case> cases, String outcome) {
        return cases.stream().filter(c -> c.outcome().equals(outcome)).toList();
    }

    private static void show(String label, List<Case> cases) {
        for (var c : cases) {
            var why = c.why().lines().findFirst().map(w -> ": " + w).orElse("");
            System.out.printf("%s  %s.%s%s%n", label, c.type(), c.name(), why);
        }
    }

    private static int notRun(List<Case> cases, String place) {
        var there = cases.stream().filter(c -> c.type().startsWith(place)).toList();
        var skipped = with(there, "skipped");
        if (there.isEmpty()) {
            System.out.printf("no test of %s ran%n", place);
        } else if (!skipped.isEmpty()) {
            System.out.printf("%d tests of %s were skipped%n", skipped.size(), place);
        }
        return there.isEmpty() ? 1 : skipped.size();
    }
}
