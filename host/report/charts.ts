/** Charts as SVG text, drawn by Apache ECharts without a browser: the page needs no script, and prints. */
import { init, type EChartsCoreOption } from 'echarts';
import type { Description } from '../file/describe';
import { printable } from '../system/terminal';
import type { LayerComparison } from './compare';

function svg(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif' }, ...option });
  const text = chart.renderToSVGString();
  chart.dispose();
  return text;
}

/** Pixels of a chart on a wide window, and on a phone's of 390, less the margins. */
const WIDE = 900,
  NARROW = 356;

/** A chart drawn for each of both; the page shows the one that fits (html.ts). */
const forBoth = (draw: (width: number) => string): string =>
  `<div class="wide">${draw(WIDE)}</div><div class="narrow">${draw(NARROW)}</div>`;

/** The end of a name: names of layers differ there. */
const short = (name: string, most: number): string =>
  printable(name.length > most ? '…' + name.slice(1 - most) : name);

/** One bar a layer, the first on top. */
export const bars = (
  names: string[],
  series: { name: string; values: number[]; color?: (i: number) => string }[],
  unit: string,
): string => forBoth((width) => barsOf(width, names, series, unit));

function barsOf(
  width: number,
  names: string[],
  series: { name: string; values: number[]; color?: (i: number) => string }[],
  unit: string,
): string {
  const isNarrow = width === NARROW;
  return svg(
    {
      grid: { left: isNarrow ? 128 : 260, right: 60, top: series.length > 1 ? 36 : 12, bottom: 40 },
      legend: series.length > 1 ? { top: 0 } : undefined,
      xAxis: {
        type: 'value',
        splitNumber: isNarrow ? 2 : 5,
        name: unit,
        nameLocation: 'middle',
        nameGap: 26,
      },
      yAxis: {
        type: 'category',
        data: names.map((name) => short(name, isNarrow ? 19 : 34)),
        inverse: true,
        axisLabel: { interval: 0 },
      },
      series: series.map(({ name, values, color }) => ({
        name,
        type: 'bar',
        data: values.map((value, i) => ({ value, ...(color && { itemStyle: { color: color(i) } }) })),
        label: {
          show: true,
          position: 'right',
          formatter: ({ value }: { value: unknown }) =>
            (value as number).toLocaleString('en', { maximumFractionDigits: 1 }),
        },
      })),
    } as EChartsCoreOption,
    width,
    60 + names.length * 22 * series.length,
  );
}

/** Rows are the true classes. */
export const confusion = (labels: string[], counts: number[][]): string =>
  forBoth((width) => confusionOf(width, labels, counts));

function confusionOf(width: number, labels: string[], counts: number[][]): string {
  const isNarrow = width === NARROW,
    name = (i: number): string => short(labels[i] ?? String(i), isNarrow ? 12 : 20),
    most = Math.max(...counts.map((row, i) => Math.max(0, ...row.filter((_, j) => j !== i))), 1);
  return svg(
    {
      grid: { left: isNarrow ? 84 : 130, right: isNarrow ? 4 : 20, top: 20, bottom: 90 },
      xAxis: {
        type: 'category',
        data: counts.map((_, i) => name(i)),
        name: 'decided',
        nameLocation: 'middle',
        nameGap: 62,
        axisLabel: { rotate: isNarrow ? 70 : 40, interval: 0 },
      },
      yAxis: {
        type: 'category',
        data: counts.map((_, i) => name(i)),
        inverse: true,
        axisLabel: { interval: 0 },
      },
      // Right decisions would drown the wrong ones.
      visualMap: { show: false, min: 0, max: most, inRange: { color: ['#ffffff', '#fbd5a5', '#d9480f'] } },
      series: [
        {
          type: 'heatmap',
          label: { show: !isNarrow || counts.length <= 12, color: '#222', fontSize: isNarrow ? 9 : 12 },
          data: counts.flatMap((row, truth) =>
            row.map((n, decided) => ({
              value: [decided, truth, n],
              ...(truth === decided && { itemStyle: { color: '#d3e9d7' } }),
            })),
          ),
        },
      ],
    } as EChartsCoreOption,
    isNarrow ? width : Math.max(480, 150 + counts.length * 56),
    Math.max(380, 120 + counts.length * 34),
  );
}

/** Float values of one layer's output, and the range that int8 holds. */
export function histogram({ min, max, low, high, histogram: counts }: LayerComparison): string {
  const width = (max - min) / counts.length || 1;
  return svg(
    {
      grid: { left: 8, right: 12, top: 6, bottom: 22 },
      xAxis: {
        type: 'value',
        min: Math.min(min, low),
        max: Math.max(max, high),
        axisLabel: { fontSize: 9, formatter: (v: number) => String(Number(v.toPrecision(2))) },
        splitNumber: 4,
        splitLine: { show: false },
      },
      yAxis: { type: 'log', min: 0.5, show: false },
      series: [
        {
          type: 'line',
          step: 'middle',
          showSymbol: false,
          areaStyle: { color: '#74a9d8' },
          lineStyle: { width: 0.5, color: '#2b6cb0' },
          data: counts.map((n, i) => [min + (i + 0.5) * width, Math.max(n, 0.5)]),
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: '#d9480f', type: 'dashed' },
            data: [{ xAxis: low }, { xAxis: high }],
          },
        },
      ],
    } as EChartsCoreOption,
    270,
    110,
  );
}

/** Tensors over time (operators, from left to right) and address, by their number. */
export const memoryPlan = (about: Description): string => forBoth((width) => memoryPlanOf(width, about));

function memoryPlanOf(width: number, { tensors, operators, arenaBytes }: Description): string {
  const isNarrow = width === NARROW,
    boxes = tensors.map((t) => ({
      name: short(t.name.replace(/_output_\d+$/, ''), 40),
      value: [t.firstUse, t.lastUse + 1, t.address, t.address + t.bytes],
    }));
  return svg(
    {
      grid: { left: isNarrow ? 56 : 70, right: isNarrow ? 8 : 20, top: 16, bottom: 44 },
      xAxis: {
        type: 'value',
        min: 0,
        max: operators.length,
        interval: Math.ceil(operators.length / (isNarrow ? 8 : 30)),
        name: 'operator',
        nameLocation: 'middle',
        nameGap: 26,
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: arenaBytes,
        name: '',
        axisLabel: { formatter: (v: number) => v.toLocaleString('en') },
      },
      series: [
        {
          type: 'custom',
          data: boxes.map((box, i) => ({ ...box, itemStyle: { color: `hsl(${(i * 47) % 360} 55% 70%)` } })),
          renderItem: (
            params: { dataIndex: number },
            api: { value(i: number): number; coord(p: number[]): number[]; visual(name: string): string },
          ) => {
            const [x0, y0] = api.coord([api.value(0), api.value(3)]),
              [x1, y1] = api.coord([api.value(1), api.value(2)]),
              // Where the name does not fit, the number stands alone; a table below says whose it is.
              number = String(params.dataIndex),
              whole = `${number} ${boxes[params.dataIndex].name}`,
              text = 6 * whole.length < x1 - x0 ? whole : number;
            return {
              type: 'rect',
              shape: { x: x0 + 0.5, y: y0 + 0.5, width: x1 - x0 - 1, height: Math.max(1, y1 - y0 - 1) },
              style: { fill: api.visual('color'), stroke: '#555', lineWidth: 0.5 },
              textContent:
                y1 - y0 > 10 && x1 - x0 > 6 * text.length
                  ? { style: { text, fontSize: 10, fill: '#222' } }
                  : undefined,
              textConfig: { position: 'inside' },
            };
          },
          encode: { x: [0, 1], y: [2, 3] },
        },
      ],
    } as unknown as EChartsCoreOption,
    width,
    380,
  );
}
