package dev.orrery.studio;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// What the runs page asks for: the list, details, and a stream of curves that goes on.
final class RunPages implements AutoCloseable {

    private static final int MOST_RUNS = 16, MOST_STREAMS = 32;
    private static final Duration PAUSE = Duration.ofMillis(500), SILENCE = Duration.ofSeconds(15);

    private final RunShelf shelf;
    private final PolicySource policies;
    private final ImaginationShelf imagination;
    private final RunForesight foresight;
    private final Semaphore streams = new Semaphore(MOST_STREAMS);
    private volatile boolean closed;

    RunPages(RunShelf shelf, PolicySource policies) {
        this.shelf = shelf;
        this.policies = policies;
        this.imagination = new ImaginationShelf(shelf);
        this.foresight = new RunForesight(shelf);
    }

    void serve(RoutesConfig routes) {
        routes.get("/api/runs", page -> Answers.json(page, shelf.list()));
        routes.get(
                "/api/runs/details",
                page ->
                        Answers.json(
                                page,
                                Map.of(
                                        "runs",
                                        asked(page).stream().map(shelf::details).toList(),
                                        "policies",
                                        policies(asked(page)))));
        routes.get(
                "/api/runs/evaluations",
                page ->
                        Answers.json(
                                page,
                                Map.of(
                                        "runs",
                                        asked(page).stream().map(shelf::measurement).toList())));
        routes.get("/api/runs/evaluation", this::evaluation);
        routes.get(
                "/api/runs/imaginations",
                page ->
                        Answers.json(
                                page,
                                Map.of(
                                        "names", imagination.names(Answers.text(page, "run")),
                                        "asking", foresight.asking(Answers.text(page, "run")))));
        routes.get(
                "/api/runs/imagine",
                page ->
                        Answers.json(
                                page,
                                foresight.imagine(
                                        Answers.text(page, "run"),
                                        Answers.count(page, "start"),
                                        page.queryParams("hint"))));
        routes.get(
                "/api/runs/imagination",
                page ->
                        Answers.json(
                                page,
                                imagination.read(
                                        Answers.text(page, "run"), Answers.text(page, "name"))));
        routes.sse("/api/runs/curves", this::stream);
    }

    private List<PolicySource.Choice> policies(List<String> runs) {
        return policies.choices().stream().filter(c -> runs.contains(c.group())).toList();
    }

    /// The report of an evaluation; it has no scripts, and its films are in it.
    private void evaluation(Context page) throws IOException {
        var run = page.queryParam("run");
        if (run == null) {
            throw Refusal.wrong("name a run, as in ?run=demo");
        }
        var file = shelf.evaluation(run);
        page.header(
                "Content-Security-Policy",
                "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox");
        page.contentType("text/html; charset=utf-8").result(Files.newInputStream(file));
    }

    private static List<String> asked(Context page) {
        var runs = page.queryParams("run");
        if (runs.isEmpty() || runs.size() > MOST_RUNS) {
            throw Refusal.wrong("name 1 to %d runs, got %d".formatted(MOST_RUNS, runs.size()));
        }
        return runs;
    }

    private void stream(SseClient client) {
        if (!streams.tryAcquire()) {
            problem(client, "", "too many pages follow curves already; close one and reload");
            client.close();
            return;
        }
        client.keepAlive();
        Thread.ofVirtual().name("curves").start(() -> follow(client));
    }

    private void follow(SseClient client) {
        try {
            var readers = new LinkedHashMap<String, CurveReader>();
            asked(client.ctx()).forEach(run -> readers.put(run, shelf.curves(run)));
            long quietSince = System.nanoTime();
            while (!closed && !client.terminated()) {
                if (tell(client, readers)) {
                    quietSince = System.nanoTime();
                } else if (System.nanoTime() - quietSince > SILENCE.toNanos()) {
                    client.sendComment("still here");
                    quietSince = System.nanoTime();
                }
                Thread.sleep(PAUSE);
            }
        } catch (Refusal | IOException e) {
            problem(client, "", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            streams.release();
            if (!closed && !client.terminated()) {
                client.close();
            }
        }
    }

    private static boolean tell(SseClient client, Map<String, CurveReader> readers)
            throws IOException {
        boolean told = false;
        for (var reader : readers.entrySet()) {
            var update = reader.getValue().poll();
            if (update.isPresent()) {
                var news = update.get();
                client.sendEvent(
                        "points",
                        Json.write(
                                Map.of(
                                        "run", reader.getKey(),
                                        "fresh", news.fresh(),
                                        "points", news.points())));
                problem(client, reader.getKey(), news.problem());
                told = true;
            }
        }
        return told;
    }

    /// Says what is wrong with a run, or with all of them; an empty message takes that back.
    private static void problem(SseClient client, String run, String message) {
        client.sendEvent("problem", Json.write(Map.of("run", run, "error", message)));
    }

    @Override
    public void close() {
        closed = true;
    }
}
