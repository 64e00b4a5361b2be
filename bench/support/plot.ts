import { COLOURS, line, round, short, svg, text } from './svg.ts';

/** One line of a plot: a name, and points from left to right. What was not measured is left out. */
export type Series = { name: string; points: readonly { x: number; y: number | undefined }[] };

export type Plot = {
  title: string;
  xName: string;
  yName: string;
  series: readonly Series[];
  /** Both scales are logarithmic: for sizes from 1 to thousands. */
  isLogarithmic?: boolean;
};

/** A plot as an SVG of its own, readable on light and on dark pages. Equal input, equal bytes. */
export const toSvg = (plot: Plot): string => {
  const shown = plot.series.map((one, index) => ({ ...one, points: drawable({ plot, points: one.points }), index }));
  const points = shown.flatMap((one) => one.points);
  const x = axis({ values: points.map((point) => point.x), from: LEFT, to: WIDTH - RIGHT, plot });
  const y = axis({ values: points.map((point) => point.y), from: HEIGHT - BOTTOM, to: TOP, plot });
  return svg({
    title: plot.title,
    width: WIDTH,
    height: HEIGHT,
    parts: [
      text({ at: [LEFT, 20], words: plot.title, more: 'font-size="15" font-weight="bold"' }),
      ...x.marks.flatMap((mark) => [
        line({ from: [x.place(mark), TOP], to: [x.place(mark), HEIGHT - BOTTOM] }),
        text({ at: [x.place(mark), HEIGHT - BOTTOM + 16], words: short(mark), more: 'text-anchor="middle"' }),
      ]),
      ...y.marks.flatMap((mark) => [
        line({ from: [LEFT, y.place(mark)], to: [WIDTH - RIGHT, y.place(mark)] }),
        text({ at: [LEFT - 6, y.place(mark) + 4], words: short(mark), more: 'text-anchor="end"' }),
      ]),
      text({ at: [(LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8], words: plot.xName, more: 'text-anchor="middle"' }),
      text({ at: [LEFT, TOP - 8], words: plot.yName }),
      ...shown.flatMap((one) => drawSeries({ one, x, y })),
    ],
  });
};

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [760, 380, 64, 190, 56, 44];
type Point = { x: number; y: number };
type Axis = { marks: number[]; place: (value: number) => number };

/** A logarithm has no nothing: such a point is left out there. */
const drawable = ({ plot, points }: { plot: Plot; points: Series['points'] }): Point[] =>
  points.flatMap(({ x, y }) =>
    y === undefined || (plot.isLogarithmic === true && (x <= 0 || y <= 0)) ? [] : [{ x, y }],
  );

const axis = ({ values, from, to, plot }: { values: number[]; from: number; to: number; plot: Plot }): Axis => {
  const isLogarithmic = plot.isLogarithmic === true;
  const marks = isLogarithmic ? powersAround(values) : evenMarks(Math.max(0, ...values));
  const scale = isLogarithmic ? Math.log10 : (value: number) => value;
  const [low, high] = [scale(marks[0] ?? 0), scale(marks.at(-1) ?? 1)];
  return { marks, place: (value) => from + ((to - from) * (scale(value) - low)) / (high - low || 1) };
};

/** The powers of ten from below the smallest to above the largest. */
export const powersAround = (values: readonly number[]): number[] => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0) return [1, 10];
  const first = Math.floor(Math.log10(low));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high)));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
};

/** From nothing to above the highest, in four to eight steps of 1, 2 or 5 times a power of ten. */
export const evenMarks = (highest: number): number[] => {
  if (highest <= 0) return [0, 1];
  const raw = highest / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((one) => one * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.ceil(highest / step - 1e-9) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
};

const drawSeries = ({
  one,
  x,
  y,
}: {
  one: { name: string; points: Point[]; index: number };
  x: Axis;
  y: Axis;
}): string[] => {
  const colour = COLOURS[one.index % COLOURS.length] ?? '#000000';
  const legendY = TOP + 6 + one.index * 20;
  const places = one.points.map((point) => [round(x.place(point.x)), round(y.place(point.y))] as const);
  return [
    `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`),
    `<rect x="${WIDTH - RIGHT + 14}" y="${legendY - 9}" width="12" height="12" fill="${colour}"/>`,
    text({ at: [WIDTH - RIGHT + 32, legendY + 1], words: one.name }),
  ];
};
