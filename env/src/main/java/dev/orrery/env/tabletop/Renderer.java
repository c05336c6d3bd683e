package dev.orrery.env.tabletop;

import dev.orrery.env.tabletop.Mask.Outline;

/// Draws a [World] as a [Camera] sees it, at any size: table, zones, tray, button, blocks by level,
/// then the gripper as two bars with a shadow that moves away as it rises.
final class Renderer {

    private static final float SHADOW = .4f;
    private static final int TRAY_RIM = 0x7a4a21, TRAY_FLOOR = 0xa87142;
    private static final int BUTTON_RING = 0x55565c, BUTTON = 0xb04cc9, BUTTON_PRESSED = 0x4fd0d9;
    private static final int BAR = 0x2b2b33,
            DARK = 0x000000,
            FLOOR = 0x4a4846,
            TEXTURE = 36,
            PAPER = 0xf7f5ee,
            INK = 0x30303a;

    private final World w;
    private final Canvas canvas;
    private final Camera camera;
    private final float scale;

    private Renderer(World w, Camera camera, byte[] rgb, int offset) {
        this.w = w;
        this.camera = camera;
        this.canvas = new Canvas(rgb, offset, camera.pixels());
        this.scale = camera.pixels() / camera.side();
    }

    /// Writes `pixels * pixels * 3` bytes from `offset` on.
    static void draw(World w, Look look, Camera camera, byte[] rgb, int offset) {
        var renderer = new Renderer(w, camera.shifted(look.shiftX(), look.shiftY()), rgb, offset);
        renderer.table(look);
        renderer.fixtures();
        renderer.blocks();
        renderer.gripper();
        if (look.red() != 256 || look.green() != 256 || look.blue() != 256) {
            renderer.canvas.light(look.red(), look.green(), look.blue());
        }
    }

    private void table(Look look) {
        float right = camera.left() + camera.side(), bottom = camera.top() - camera.side();
        if (camera.left() < 0 || right > 1 || camera.top() > 1 || bottom < 0) {
            canvas.fill(FLOOR);
            flat(Outline.SQUARE, .5f, .5f, .5f, look.background(), 256);
        } else {
            canvas.fill(look.background());
        }
        for (int k = 0; look.texture() > 0 && k < 8; k++) {
            texture(look.texture(), (k + .5f) / 8);
        }
    }

    private void texture(int texture, float at) {
        switch (texture) {
            case 1 -> band(at, .5f, .02f, .5f);
            case 2 -> {
                band(at, .5f, .008f, .5f);
                band(.5f, at, .5f, .008f);
            }
            default -> {
                for (int j = 0; j < 8; j++) {
                    float x = at + (j % 2 - .5f) * .06f;
                    flat(Outline.DISC, x, (j + .5f) / 8, .016f, DARK, TEXTURE);
                }
            }
        }
    }

    private void band(float x, float y, float halfWidth, float halfHeight) {
        canvas.rectangle(
                camera.column(x),
                camera.row(y),
                halfWidth * scale,
                halfHeight * scale,
                DARK,
                TEXTURE);
    }

    private void shape(
            Outline o, float x, float y, float half, float cos, float sin, int c, int a) {
        float h = half * scale;
        canvas.outline(o, camera.column(x), camera.row(y), h, h, cos, sin, c, a);
    }

    private void flat(Outline o, float x, float y, float half, int colour, int alpha) {
        shape(o, x, y, half, 1, 0, colour, alpha);
    }

    private void fixtures() {
        for (int k = 0; k < World.ZONES; k++) {
            if (w.glyph[k] < 0) {
                int colour = Colour.values()[w.zoneColour[k]].rgb;
                flat(Outline.DISC, w.zoneX[k], w.zoneY[k], World.ZONE, colour, 105);
            } else {
                pad(w.zoneX[k], w.zoneY[k], Glyph.values()[w.glyph[k]]);
            }
        }
        flat(Outline.SQUARE, w.trayX, w.trayY, World.TRAY, TRAY_RIM, 256);
        flat(Outline.SQUARE, w.trayX, w.trayY, World.TRAY - .014f, TRAY_FLOOR, 256);
        flat(Outline.DISC, w.buttonX, w.buttonY, .045f, BUTTON_RING, 256);
        flat(Outline.DISC, w.buttonX, w.buttonY, .031f, w.pressed ? BUTTON_PRESSED : BUTTON, 256);
    }

    private void pad(float x, float y, Glyph glyph) {
        flat(Outline.SQUARE, x, y, World.ZONE, PAPER, 256);
        float cell = .034f;
        for (int row = 0; row < 5; row++) {
            for (int column = 0; column < 5; column++) {
                if (glyph.ink(row, column)) {
                    float px = x + (column - 2) * cell, py = y + (2 - row) * cell;
                    flat(Outline.SQUARE, px, py, cell / 2, INK, 256);
                }
            }
        }
    }

    private void blocks() {
        for (int level = 0; level < 4; level++) {
            for (int i = 0; i < w.count; i++) {
                if (i != w.held && (int) (w.bz[i] / World.HEIGHT + .5f) == level) {
                    block(i, level == 0 ? 1 : level == 1 ? .8f : .64f);
                }
            }
        }
    }

    private void block(int i, float size) {
        var outline = Outline.values()[w.kind[i] % 4];
        int colour = Colour.values()[w.kind[i] / 4].rgb;
        int rim = (colour >> 1 & 0x7f7f7f) + (colour >> 3 & 0x1f1f1f);
        float half = size * World.R * fill(outline);
        float cos = 1, sin = 0;
        if (w.turning) {
            cos = (float) StrictMath.cos(w.turn[i]);
            sin = (float) StrictMath.sin(w.turn[i]);
        }
        shape(outline, w.bx[i], w.by[i], half, cos, sin, rim, 256);
        shape(outline, w.bx[i], w.by[i], .74f * half, cos, sin, colour, 256);
        if (w.turning) {
            float reach = .55f * World.R * size;
            float px = w.bx[i] + reach * cos, py = w.by[i] + reach * sin;
            flat(Outline.DISC, px, py, .013f * size, 0xffffff, 256);
        }
    }

    /// Outlines differ in area; this brings them to a similar size.
    private static float fill(Outline outline) {
        return switch (outline) {
            case SQUARE -> .86f;
            case DISC -> 1;
            case STAR -> 1.12f;
            case WEDGE -> 1.06f;
        };
    }

    private void gripper() {
        float reach = !w.closed ? .058f : w.held >= 0 ? .05f : .012f;
        float away = SHADOW * w.z;
        float cos = 1, sin = 0;
        if (w.yaw != 0) {
            cos = (float) StrictMath.cos(w.yaw);
            sin = (float) StrictMath.sin(w.yaw);
        }
        bars(w.x + away, w.y - away, reach, cos, sin, DARK, 80);
        if (w.held >= 0) {
            block(w.held, 1);
        }
        bars(w.x, w.y, reach, cos, sin, BAR, 256);
    }

    private void bars(float x, float y, float reach, float cos, float sin, int colour, int alpha) {
        for (int side = -1; side <= 1; side += 2) {
            float px = x + side * reach * cos, py = y + side * reach * sin;
            float column = camera.column(px), row = camera.row(py);
            canvas.outline(
                    Outline.SQUARE,
                    column,
                    row,
                    .01f * scale,
                    .032f * scale,
                    cos,
                    sin,
                    colour,
                    alpha);
        }
    }
}
