package dev.orrery.cli;

import dev.orrery.run.Progress;
import java.io.PrintStream;

/// Shows progress on standard error: one line that is rewritten where that is a terminal, else a
/// line every few seconds.
final class TerminalProgress implements Progress {

    private static final long REDRAW = 200_000_000L, SPEAK = 5_000_000_000L;

    private final PrintStream out;
    private final boolean live;
    private String stage = "";
    private long total, start, last, base = -1;
    private boolean open;

    TerminalProgress() {
        this(System.err, Boolean.getBoolean("orrery.terminal"));
    }

    TerminalProgress(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
    }

    @Override
    public synchronized void stage(String name, long total) {
        end();
        stage = name;
        this.total = total;
        base = -1;
        start = System.nanoTime();
        last = start;
        draw(name + (total > 1 ? "  0/" + total : ""));
    }

    @Override
    public synchronized void at(long done, String detail) {
        long now = System.nanoTime();
        if (base < 0) {
            base = done - 1;
        }
        if (done < total && now - last < (live ? REDRAW : SPEAK)) {
            return;
        }
        last = now;
        draw(line(done, detail, (now - start) / 1e9));
        if (done >= total) {
            end();
        }
    }

    private String line(long done, String detail, double seconds) {
        double rate = (done - base) / Math.max(1e-9, seconds);
        var text = new StringBuilder(stage);
        if (total > 0) {
            text.append("  %d/%d  %d %%".formatted(done, total, 100 * done / total));
        }
        if (!detail.isEmpty()) {
            text.append("  ").append(detail);
        }
        if (done >= total) {
            return text.append("  took ").append(duration(seconds)).toString();
        }
        text.append(rate >= 1 ? "  %.1f/s".formatted(rate) : "  %.1f s each".formatted(1 / rate));
        text.append("  %s left".formatted(duration((total - done) / rate)));
        return text.toString();
    }

    @Override
    public synchronized void note(String line) {
        end();
        out.println(line);
    }

    @Override
    public synchronized void end() {
        if (open) {
            out.println();
            open = false;
        }
        out.flush();
    }

    private void draw(String line) {
        if (live) {
            out.print("\r\033[K" + line);
            open = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s < 60) {
            return s + " s";
        }
        return s < 3600
                ? "%d min %02d s".formatted(s / 60, s % 60)
                : "%d h %02d min".formatted(s / 3600, s / 60 % 60);
    }
}
