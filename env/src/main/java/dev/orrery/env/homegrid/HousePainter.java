package dev.orrery.env.homegrid;

import dev.orrery.env.Image;

/// Draws the house with tiles of its own, 32 x 32 pixels, drawn once by code.
final class HousePainter {

    private static final int TILE = 32, VIEW = 3 * TILE, SMALL = 64;

    private final byte[] large = new byte[VIEW * VIEW * 3];
    private final int[] narrow = new int[VIEW * SMALL * 3];

    /// What the agent sees: the 3 x 3 cells around it, itself in the middle.
    ///
    /// @param dim whether everything has half its brightness
    /// @param small 64 x 64 instead of 96 x 96
    Image view(HouseWorld world, boolean dim, boolean small) {
        for (int dy = -1; dy <= 1; dy++) {
            for (int dx = -1; dx <= 1; dx++) {
                int cell = world.agent() + dy * House.WIDTH + dx;
                copy(tile(world, cell), large, VIEW, (dx + 1) * TILE, (dy + 1) * TILE);
            }
        }
        return finish(dim, small);
    }

    private Image finish(boolean dim, boolean small) {
        var rgb = small ? shrink(large) : large.clone();
        if (dim) {
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) ((rgb[i] & 0xff) >> 1);
            }
        }
        int size = small ? SMALL : VIEW;
        return new Image(size, size, rgb);
    }

    /// The agent in a kitchen, looking at a bin to its right.
    Image besideBin(int bin, int lid, boolean dim) {
        int kitchen = Room.KITCHEN.ordinal();
        for (int i = 0; i < 9; i++) {
            var tile =
                    switch (i) {
                        case 4 ->
                                HouseTiles.agent(kitchen, Facing.RIGHT.ordinal(), HouseWorld.NONE);
                        case 5 -> HouseTiles.bin(kitchen, bin, lid);
                        default -> HouseTiles.floor(kitchen, HouseWorld.NONE);
                    };
            copy(tile, large, VIEW, i % 3 * TILE, i / 3 * TILE);
        }
        return finish(dim, true);
    }

    /// Nine cells with the agent in the middle.
    ///
    /// @param rooms the room of each cell, -1 for wall
    /// @param things the object on each cell, -1 for none
    Image strip(int[] rooms, int[] things, int facing, boolean dim) {
        for (int i = 0; i < 9; i++) {
            copy(cell(i, rooms[i], things[i], facing), large, VIEW, i % 3 * TILE, i / 3 * TILE);
        }
        return finish(dim, true);
    }

    private static byte[] cell(int place, int room, int thing, int facing) {
        if (room < 0) {
            return HouseTiles.WALL;
        }
        if (place == 4) {
            return HouseTiles.agent(room, facing, HouseWorld.NONE);
        }
        return thing < 0
                ? HouseTiles.floor(room, HouseWorld.NONE)
                : HouseTiles.object(room, HouseWorld.NONE, thing);
    }

    /// The whole map.
    Image house(HouseWorld world, int scale) {
        if (scale < 4 || scale > 64) {
            throw new IllegalArgumentException(
                    "homegrid: scale %d; choose 4 to 64 pixels a cell".formatted(scale));
        }
        int width = House.WIDTH * scale, height = House.HEIGHT * scale;
        var rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                var tile = tile(world, House.cell(x / scale, y / scale));
                int from = ((y % scale * TILE / scale) * TILE + x % scale * TILE / scale) * 3;
                System.arraycopy(tile, from, rgb, (y * width + x) * 3, 3);
            }
        }
        return new Image(height, width, rgb);
    }

    private static byte[] tile(HouseWorld world, int cell) {
        if (House.wall(cell)) {
            return HouseTiles.WALL;
        }
        if (cell == world.agent()) {
            return HouseTiles.agent(House.room(cell), world.facing(), world.carried());
        }
        int thing = world.on(cell);
        if (thing == HouseWorld.NONE || world.hidden(thing)) {
            return HouseTiles.floor(House.room(cell), House.furniture(cell));
        }
        return thing >= Thing.OBJECTS
                ? HouseTiles.bin(House.room(cell), thing, world.lid(thing))
                : HouseTiles.object(House.room(cell), House.furniture(cell), thing);
    }

    private static void copy(byte[] tile, byte[] into, int width, int x, int y) {
        for (int row = 0; row < TILE; row++) {
            System.arraycopy(tile, row * TILE * 3, into, ((y + row) * width + x) * 3, TILE * 3);
        }
    }

    /// 96 x 96 to 64 x 64: each pixel is the mean of the 1.5 x 1.5 pixels that it covers, first
    /// along the rows, then along the columns, in ninths.
    private byte[] shrink(byte[] from) {
        for (int y = 0; y < VIEW; y++) {
            int in = y * VIEW * 3, out = y * SMALL * 3;
            for (int pair = 0; pair < SMALL / 2; pair++, in += 9, out += 6) {
                for (int c = 0; c < 3; c++) {
                    int middle = from[in + 3 + c] & 0xff;
                    narrow[out + c] = 2 * (from[in + c] & 0xff) + middle;
                    narrow[out + 3 + c] = middle + 2 * (from[in + 6 + c] & 0xff);
                }
            }
        }
        var rgb = new byte[SMALL * SMALL * 3];
        int row = SMALL * 3;
        for (int pair = 0; pair < SMALL / 2; pair++) {
            int in = 3 * pair * row, out = 2 * pair * row;
            for (int x = 0; x < row; x++) {
                int middle = narrow[in + row + x];
                rgb[out + x] = (byte) ((2 * narrow[in + x] + middle + 4) / 9);
                rgb[out + row + x] = (byte) ((middle + 2 * narrow[in + 2 * row + x] + 4) / 9);
            }
        }
        return rgb;
    }
}
