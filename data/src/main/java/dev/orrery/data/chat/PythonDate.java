package dev.orrery.data.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// Dates by the signs of C's `strftime`, in English.
final class PythonDate {

    private PythonDate() {}

    static String format(String format, LocalDateTime now) {
        var out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            boolean bare = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += bare ? 2 : 1;
            char sign = format.charAt(i);
            out.append(sign == '%' ? "%" : part(sign, bare, now));
        }
        return out.toString();
    }

    private static String part(char sign, boolean bare, LocalDateTime now) {
        var pattern =
                switch (sign) {
                    case 'd' -> bare ? "d" : "dd";
                    case 'm' -> bare ? "M" : "MM";
                    case 'y' -> "yy";
                    case 'Y' -> "yyyy";
                    case 'b' -> "MMM";
                    case 'B' -> "MMMM";
                    case 'a' -> "EEE";
                    case 'A' -> "EEEE";
                    case 'H' -> bare ? "H" : "HH";
                    case 'I' -> bare ? "h" : "hh";
                    case 'M' -> bare ? "m" : "mm";
                    case 'S' -> bare ? "s" : "ss";
                    case 'p' -> "a";
                    case 'j' -> bare ? "D" : "DDD";
                    case 'F' -> "yyyy-MM-dd";
                    case 'T' -> "HH:mm:ss";
                    default ->
                            throw new TemplateException(
                                    "strftime_now does not know %%%s".formatted(sign));
                };
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
    }
}
