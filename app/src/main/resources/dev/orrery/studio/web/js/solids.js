// Geometry of the table view: an oblique look from the front, where height lifts things up the page.
// Table units are 0..1 with y away from the viewer; drawing units are thousandths of the table.

/** How far one unit of height moves a thing up, in drawing units. */
export const LIFT = 560;

/** A point of the table at height z, in drawing units. */
export const project = (x, y, z = 0) => [1000 * x, 1000 * (1 - y) - LIFT * z];

/** The outline of each block shape around its centre, in drawing units, clockwise on the page. */
const OUTLINES = {
  cube: [[-37, -37], [37, -37], [37, 37], [-37, 37]],
  disc: ring(36, 43),
  star: Array.from({ length: 10 }, (_, i) => polar(i * 36 - 90, i % 2 ? 23 : 50)),
  wedge: [[0, -46], [44, 36], [-44, 36]],
};

function polar(degrees, radius) {
  const angle = degrees * Math.PI / 180;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

export function ring(count, radius) {
  return Array.from({ length: count }, (_, i) => polar(i * 360 / count, radius));
}

const path = (points) => `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`;

/** The outline of a shape turned by `turn` radians; an unknown shape is drawn as a disc. */
export function outline(shape, turn = 0) {
  const points = OUTLINES[shape] ?? OUTLINES.disc;
  if (!turn) return points;
  const cos = Math.cos(-turn), sin = Math.sin(-turn);
  return points.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]);
}

/** The visible sides and the top of an upright solid: `{ sides: [{ d, shade }], top }`; shade 0 is lit, 1 dark. */
export function solid(points, height) {
  const rise = LIFT * height;
  const sides = [];
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i], [bx, by] = points[(i + 1) % points.length];
    const length = Math.hypot(bx - ax, by - ay) || 1;
    const facing = -(bx - ax) / length;
    if (facing <= 0.001) continue;
    const sideways = (by - ay) / length;
    sides.push({ y: Math.max(ay, by), shade: 0.42 + 0.34 * sideways * 0.8 + 0.16 * (1 - facing),
      d: path([[ax, ay], [bx, by], [bx, by - rise], [ax, ay - rise]]) });
  }
  sides.sort((a, b) => a.y - b.y);
  return { sides, top: path(points.map(([x, y]) => [x, y - rise])), foot: path(points) };
}
