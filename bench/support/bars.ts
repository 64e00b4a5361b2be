import { COLOURS, line, round, short, svg, text } from './svg.ts';

/** Groups of bars from left to right, one bar a name. What was not measured has no bar. */
export type Bars = {
  title: string;
  unit: string;
  groups: readonly { name: string; values: Readonly<Record<string, number | undefined>> }[];
};

/** Bars as an SVG of its own. Equal input, equal bytes. */
export const toBarsSvg = ({ title, unit, groups }: Bars): string => {
  const names = [...new Set(groups.flatMap(({ values }) => Object.keys(values)))];
  const highest = Math.max(1e-9, ...groups.flatMap(({ values }) => Object.values(values).map((value) => value ?? 0)));
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => share * highest);
  const y = (value: number) => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - BOTTOM - TOP);
  const groupWidth = (WIDTH - LEFT - RIGHT) / Math.max(1, groups.length);
  const barWidth = (groupWidth * 0.8) / Math.max(1, names.length);
  return svg({
    title,
    width: WIDTH,
    height: HEIGHT,
    parts: [
      text({ at: [LEFT, 20], words: title, more: 'font-size="15" font-weight="bold"' }),
      text({ at: [LEFT, TOP - 8], words: unit }),
      ...marks.flatMap((mark) => [
        line({ from: [LEFT, y(mark)], to: [WIDTH - RIGHT, y(mark)] }),
        text({ at: [LEFT - 6, y(mark) + 4], words: short(Number(mark.toPrecision(3))), more: 'text-anchor="end"' }),
      ]),
      ...groups.flatMap(({ name, values }, group) => [
        ...names.map((one, index) =>
          bar({
            x: LEFT + group * groupWidth + groupWidth * 0.1 + index * barWidth,
            y,
            value: values[one],
            width: barWidth,
            index,
          }),
        ),
        text({
          at: [LEFT + (group + 0.5) * groupWidth, HEIGHT - BOTTOM + 16],
          words: name,
          more: 'text-anchor="middle" font-size="10"',
        }),
      ]),
      ...names.flatMap((name, index) => legend({ name, index })),
    ],
  });
};

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [960, 340, 64, 190, 56, 36];

const colourOf = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000000';

const bar = ({
  x,
  y,
  value,
  width,
  index,
}: {
  x: number;
  y: (value: number) => number;
  value: number | undefined;
  width: number;
  index: number;
}): string => {
  if (value === undefined) return '';
  const top = y(value);
  return `<rect x="${round(x)}" y="${round(top)}" width="${round(width * 0.9)}" height="${round(y(0) - top)}" fill="${colourOf(index)}"/>`;
};

const legend = ({ name, index }: { name: string; index: number }): string[] => {
  const y = TOP + 6 + index * 20;
  return [
    `<rect x="${WIDTH - RIGHT + 14}" y="${y - 9}" width="12" height="12" fill="${colourOf(index)}"/>`,
    text({ at: [WIDTH - RIGHT + 32, y + 1], words: name }),
  ];
};
