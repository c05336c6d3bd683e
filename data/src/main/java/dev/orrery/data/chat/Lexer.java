package dev.orrery.data.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Cuts a template into texts, tags and the words inside tags.
///
/// White space is treated as Hugging Face sets Jinja: a newline after a statement goes, and so do
/// the blanks before one that begins its line. `-` takes all white space of its side, `+` keeps it.
final class Lexer {

    /// @param kind what it is
    /// @param text its text; of a string, the text it means
    /// @param line from 1
    record Token(Kind kind, String text, int line) {
        boolean is(Kind other, String wanted) {
            return kind == other && text.equals(wanted);
        }
    }

    enum Kind {
        TEXT,
        OPEN_VALUE,
        CLOSE_VALUE,
        OPEN_STATEMENT,
        CLOSE_STATEMENT,
        NAME,
        STRING,
        INTEGER,
        REAL,
        SIGN,
        END
    }

    private static final Set<String> TWO_SIGNS = Set.of("==", "!=", "<=", ">=", "//", "**");
    private static final String ONE_SIGN = "+-*/%~<>=()[]{}.,:|";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean trimNewline, trimAll, tagged;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        var source = template.replace("\r\n", "\n").replace('\r', '\n');
        // one newline at the end belongs to the file, not to the text
        var lexer =
                new Lexer(
                        source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return List.copyOf(lexer.tokens);
    }

    private void run() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                text(source.substring(at), false, false);
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            text(source.substring(at, tag), sign == '-', kind != '{' && sign != '+');
            at = tag + 2 + (sign == '-' || sign == '+' ? 1 : 0);
            trimNewline = trimAll = false;
            switch (kind) {
                case '#' -> comment();
                case '{' -> tag(Kind.OPEN_VALUE, Kind.CLOSE_VALUE, "}}", false);
                default -> {
                    if (!raw()) tag(Kind.OPEN_STATEMENT, Kind.CLOSE_STATEMENT, "%}", true);
                }
            }
        }
        tokens.add(new Token(Kind.END, "", line));
    }

    private int nextTag() {
        for (int i = at; i + 1 < source.length(); i++) {
            if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) return i;
        }
        return -1;
    }

    /// Adds text between tags.
    ///
    /// @param strip whether all white space at its end goes
    /// @param lineStart whether blanks at its end go if a line begins with them
    private void text(String raw, boolean strip, boolean lineStart) {
        var text = raw;
        if (trimAll) text = text.stripLeading();
        else if (trimNewline && text.startsWith("\n")) text = text.substring(1);
        int cut = raw.length() - text.length();
        boolean begins = cut > 0 ? raw.charAt(cut - 1) == '\n' : tokens.isEmpty() && !tagged;
        if (strip) text = text.stripTrailing();
        else if (lineStart) text = withoutLastBlanks(text, begins);
        if (!text.isEmpty()) tokens.add(new Token(Kind.TEXT, text, line));
        tagged = true;
        count(raw);
    }

    private static String withoutLastBlanks(String text, boolean begins) {
        int newline = text.lastIndexOf('\n');
        boolean blank = text.substring(newline + 1).isBlank();
        return blank && (newline >= 0 || begins) ? text.substring(0, newline + 1) : text;
    }

    private void count(String passed) {
        for (int i = 0; i < passed.length(); i++) if (passed.charAt(i) == '\n') line++;
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) throw new TemplateException(line, "a comment is not closed; end it with #}");
        count(source.substring(at, end));
        closed(end, true);
    }

    /// Goes past a closing sign of two letters at `end`.
    private void closed(int end, boolean statement) {
        char before = source.charAt(end - 1);
        trimAll = before == '-';
        trimNewline = statement && before != '+';
        at = end + 2;
    }

    /// `raw` to `endraw`, if that is what stands here.
    private boolean raw() {
        var open = java.util.regex.Pattern.compile("\\s*raw\\s*([-+]?)%}").matcher(source);
        open.region(at, source.length());
        if (!open.lookingAt()) return false;
        var close =
                java.util.regex.Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%}")
                        .matcher(source);
        if (!close.find(open.end())) {
            throw new TemplateException(line, "raw text is not closed; end it with {% endraw %}");
        }
        trimAll = open.group(1).equals("-");
        trimNewline = !open.group(1).equals("+");
        at = open.end();
        text(source.substring(open.end(), close.start()), close.group(1).equals("-"), true);
        trimAll = close.group(2).equals("-");
        trimNewline = !close.group(2).equals("+");
        at = close.end();
        return true;
    }

    private void tag(Kind open, Kind close, String sign, boolean statement) {
        tokens.add(new Token(open, "", line));
        int start = line, depth = 0;
        while (true) {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                if (source.charAt(at) == '\n') line++;
                at++;
            }
            if (at >= source.length()) {
                throw new TemplateException(start, "a tag is not closed; end it with " + sign);
            }
            char c = source.charAt(at);
            boolean signed = (c == '-' || c == '+') && source.startsWith(sign, at + 1);
            if (depth == 0 && (signed || source.startsWith(sign, at))) {
                closed(at + (signed ? 1 : 0), statement);
                tokens.add(new Token(close, "", line));
                return;
            }
            if ("([{".indexOf(c) >= 0) depth++;
            if (")]}".indexOf(c) >= 0) depth--;
            word(c);
        }
    }

    private void word(char c) {
        if (c == '\'' || c == '"') {
            string(c);
        } else if (Character.isDigit(c)) {
            number();
        } else if (Character.isJavaIdentifierStart(c) && c != '$') {
            int end = at;
            while (end < source.length()
                    && Character.isJavaIdentifierPart(source.charAt(end))
                    && source.charAt(end) != '$') end++;
            add(Kind.NAME, end);
        } else if (at + 1 < source.length() && TWO_SIGNS.contains(source.substring(at, at + 2))) {
            add(Kind.SIGN, at + 2);
        } else if (ONE_SIGN.indexOf(c) >= 0) {
            add(Kind.SIGN, at + 1);
        } else {
            throw new TemplateException(line, "'%s' means nothing here".formatted(c));
        }
    }

    private void add(Kind kind, int end) {
        tokens.add(new Token(kind, source.substring(at, end), line));
        at = end;
    }

    private void number() {
        var number =
                java.util.regex.Pattern.compile("\\d[\\d_]*(\\.\\d+)?([eE][-+]?\\d+)?")
                        .matcher(source);
        number.region(at, source.length()).lookingAt();
        boolean real = number.group(1) != null || number.group(2) != null;
        add(real ? Kind.REAL : Kind.INTEGER, number.end());
    }

    private void string(char quote) {
        var text = new StringBuilder();
        int start = line;
        for (at++; at < source.length() && source.charAt(at) != quote; at++) {
            char c = source.charAt(at);
            if (c == '\n') line++;
            if (c == '\\' && at + 1 < source.length()) escape(text);
            else text.append(c);
        }
        if (at >= source.length()) {
            throw new TemplateException(start, "a text is not closed; end it with " + quote);
        }
        at++;
        tokens.add(new Token(Kind.STRING, text.toString(), start));
    }

    private void escape(StringBuilder text) {
        char c = source.charAt(++at);
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case '0' -> text.append('\0');
            case '\\', '\'', '"' -> text.append(c);
            case '\n' -> line++;
            case 'x' -> code(text, 2);
            case 'u' -> code(text, 4);
            case 'U' -> code(text, 8);
            default -> text.append('\\').append(c);
        }
    }

    private void code(StringBuilder text, int digits) {
        try {
            text.appendCodePoint(Integer.parseInt(source.substring(at + 1, at + 1 + digits), 16));
            at += digits;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new TemplateException(
                    line, "an escape needs %d hexadecimal digits".formatted(digits));
        }
    }
}
