package dev.orrery.lm;

import dev.orrery.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the YAML that configurations of published models are written in: mappings and lists by
/// indentation, lists in brackets, plain and quoted texts, also over several lines, and comments.
///
/// Anchors, tags, block texts (`|`, `>`), braces and several documents are refused by line, as is a
/// key that comes twice. Numbers such as `1e-5`, which YAML 1.1 calls texts, are numbers here.
public final class PublicYaml {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern KEY = Pattern.compile("([A-Za-z0-9_.\\-/]+)\\s*:(?:\\s+(.*)|)$");
    private static final Pattern WHOLE = Pattern.compile("[-+]?\\d+");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private record Line(int number, int indent, String text) {}

    private final Path file;
    private final List<Line> lines;
    private int at;

    private PublicYaml(Path file, List<Line> lines) {
        this.file = file;
        this.lines = lines;
    }

    /// Reads a file that holds one mapping.
    ///
    /// @throws CheckpointException naming the line that is not understood
    public static PublicConfig read(Path file) {
        try {
            return new PublicConfig(file, parse(file, Files.readString(file)));
        } catch (IOException e) {
            throw new CheckpointException(
                    file, "", "cannot be read: " + e.getMessage(), "check that it is there", e);
        }
    }

    static ObjectNode parse(Path file, String text) {
        var lines = new ArrayList<Line>();
        var comments = new Comments();
        int number = 0;
        for (var raw : text.lines().toList()) {
            number++;
            var line = comments.cut(raw).stripTrailing();
            if (line.isBlank() || lines.isEmpty() && line.equals("---")) continue;
            int indent = line.length() - line.stripLeading().length();
            lines.add(new Line(number, indent, line.strip()));
        }
        var reader = new PublicYaml(file, lines);
        var root = reader.mapping(lines.isEmpty() ? 0 : lines.getFirst().indent());
        if (reader.at < lines.size())
            throw reader.wrong("stands further left than what it follows");
        return root;
    }

    /// Cuts comments off; a `#` inside quotes, which may span lines, or inside a word is none.
    private static final class Comments {
        private char quote;

        String cut(String line) {
            for (int i = 0; i < line.length(); i++) {
                char c = line.charAt(i);
                if (quote != 0) {
                    boolean doubled = c == '\'' && line.startsWith("''", i);
                    if (quote == '"' && c == '\\' || quote == '\'' && doubled) i++;
                    else if (c == quote) quote = 0;
                } else if ((c == '\'' || c == '"') && starts(line, i)) {
                    quote = c;
                } else if (c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
                    return line.substring(0, i);
                }
            }
            return line;
        }
    }

    private static boolean starts(String line, int i) {
        var before = line.substring(0, i).stripTrailing();
        return before.isEmpty() || ":,[-".indexOf(before.charAt(before.length() - 1)) >= 0;
    }

    private ObjectNode mapping(int indent) {
        var object = JSON.createObjectNode();
        while (at < lines.size() && line().indent() == indent) {
            var key = KEY.matcher(line().text());
            if (line().text().startsWith("- ") || !key.matches()) break;
            if (object.has(key.group(1)))
                throw wrong("repeats the key '%s'".formatted(key.group(1)));
            object.set(key.group(1), value(key.group(2), indent));
        }
        if (at < lines.size() && line().indent() > indent) {
            throw wrong("is indented more than the key that it follows");
        }
        if (at < lines.size() && line().indent() == indent && !line().text().startsWith("-")) {
            throw wrong("is no 'key: value'");
        }
        return object;
    }

    private JsonNode value(String rest, int indent) {
        if (rest != null && !rest.isBlank()) return scalar(rest.strip(), indent);
        at++;
        if (at < lines.size()) {
            var next = line();
            boolean list = next.text().equals("-") || next.text().startsWith("- ");
            if (list && next.indent() >= indent) return list(next.indent());
            if (next.indent() > indent) return mapping(next.indent());
        }
        return JSON.nullNode();
    }

    private ArrayNode list(int indent) {
        var list = JSON.createArrayNode();
        while (at < lines.size() && line().indent() == indent && line().text().startsWith("-")) {
            var item = line().text().substring(1).strip();
            if (KEY.matcher(item).matches() || item.isEmpty()) {
                throw wrong("is a list of mappings, which is not read");
            }
            list.add(scalar(item, indent));
        }
        return list;
    }

    /// A text that may go on in the lines below, as long as they are indented more.
    private JsonNode scalar(String first, int indent) {
        if ("&*!|>{%@`".indexOf(first.charAt(0)) >= 0) {
            throw wrong("begins with '%s', which is not read".formatted(first.charAt(0)));
        }
        var start = line();
        var text = new StringBuilder(first);
        at++;
        while (at < lines.size() && !closed(text) && line().indent() > indent) {
            boolean plain = "'\"[".indexOf(first.charAt(0)) < 0;
            if (plain && KEY.matcher(line().text()).matches()) {
                throw wrong("is indented more than the key that it follows");
            }
            text.append(' ').append(line().text());
            at++;
        }
        return node(text.toString(), start);
    }

    private static boolean closed(CharSequence text) {
        char first = text.charAt(0);
        boolean quoted = first == '\'' || first == '"';
        if (text.length() < 2 || !quoted && first != '[') return false;
        char last = first == '[' ? ']' : first;
        int end = text.length() - 1;
        // an even number of quotes at the end are quotes inside
        int quotes = 0;
        while (first == '\'' && quotes < end && text.charAt(end - quotes) == '\'') quotes++;
        return text.charAt(end) == last && (first != '\'' || quotes % 2 == 1 || quotes == end);
    }

    private JsonNode node(String text, Line start) {
        char first = text.charAt(0);
        if (first == '[') {
            if (!text.endsWith("]")) throw wrong(start, "opens a bracket and does not close it");
            var list = JSON.createArrayNode();
            var inside = text.substring(1, text.length() - 1).strip();
            if (inside.isEmpty()) return list;
            for (var item : inside.split(",")) list.add(node(item.strip(), start));
            return list;
        }
        if (first == '\'' || first == '"') {
            if (!closed(text)) throw wrong(start, "opens a quotation and does not close it");
            var inside = text.substring(1, text.length() - 1);
            if (first == '\'') return JSON.getNodeFactory().stringNode(inside.replace("''", "'"));
            try {
                return JSON.readTree(text);
            } catch (JacksonException e) {
                throw wrong(start, "holds an escape that is not read");
            }
        }
        return plain(text);
    }

    private static JsonNode plain(String text) {
        var factory = JSON.getNodeFactory();
        return switch (text) {
            case "null", "~", "Null", "NULL" -> factory.nullNode();
            case "true", "True", "TRUE" -> factory.booleanNode(true);
            case "false", "False", "FALSE" -> factory.booleanNode(false);
            default -> {
                if (WHOLE.matcher(text).matches() && text.length() < 18) {
                    yield factory.numberNode(Long.parseLong(text));
                }
                yield NUMBER.matcher(text).matches()
                        ? factory.numberNode(Double.parseDouble(text))
                        : factory.stringNode(text);
            }
        };
    }

    private Line line() {
        return lines.get(at);
    }

    private CheckpointException wrong(String what) {
        return wrong(line(), what);
    }

    private CheckpointException wrong(Line where, String what) {
        return new CheckpointException(
                file,
                "line " + where.number(),
                what,
                "use the configuration that was published with the weights, or write this line"
                        + " simpler");
    }
}
