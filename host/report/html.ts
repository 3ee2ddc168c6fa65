/** The report as one page that holds everything it shows. */
import { printable } from '../system/terminal';

const escape = (text: string | number): string =>
  printable(String(text)).replace(
    /[&<>"]/g,
    (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!,
  );

/** One part of the page, under a heading. */
export interface Section {
  title: string;
  /** What one sees, and what to look for: plain text. */
  note?: string;
  /** HTML made here. */
  body: string;
}

/** A table; numbers stand to the right. */
export function htmlTable(head: string[], rows: (string | number)[][]): string {
  const cell = (value: string | number, tag: string): string => {
    const isNumber = typeof value === 'number',
      text = isNumber ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : value;
    return `<${tag}${isNumber ? ' class="n"' : ''}>${escape(text)}</${tag}>`;
  };
  const row = (values: (string | number)[], tag: string): string =>
    `<tr>${values.map((value) => cell(value, tag)).join('')}</tr>`;
  const body = rows.map((values) => row(values, 'td')).join('');
  return `<div class="table"><table><thead>${row(head, 'th')}</thead><tbody>${body}</tbody></table></div>`;
}

/** A changed decision: right now and wrong before, or the other way round. */
export type Mark = 'won' | 'lost';

/** Pictures or small charts side by side, each with a line below. */
export function gallery(items: { picture: string; caption: string; mark?: Mark }[]): string {
  const figures = items.map(({ picture, caption, mark }) => {
    const marked = mark ? `<b class="${mark}">${mark}</b>` : '';
    return `<figure>${picture}<figcaption>${marked}${escape(caption)}</figcaption></figure>`;
  });
  return `<div class="gallery">${figures.join('')}</div>`;
}

/** A PNG within the page. */
export const picture = (png: Buffer, alt: string): string =>
  `<img alt="${escape(alt)}" src="data:image/png;base64,${png.toString('base64')}">`;

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 960px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.7rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .3rem; border-bottom: 1px solid #ddd }
p.note { color: #555; margin: .2rem 0 .8rem }
svg { max-width: 100%; height: auto }
table { border-collapse: collapse; font-size: 13px }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #eee; text-align: left; overflow-wrap: anywhere }
.narrow { display: none }
.n { text-align: right; font-variant-numeric: tabular-nums }
.gallery { display: flex; flex-wrap: wrap; gap: .8rem }
figure { margin: 0; max-width: 270px }
figcaption { font-size: 11px; color: #444; overflow-wrap: anywhere }
figcaption b { display: block }
.won { color: #2b7a3d }
.lost { color: #c02f0b }
img { image-rendering: pixelated; width: 96px }
@media (max-width: 700px) {
  body { margin: 1rem auto }
  h1, h2, p { overflow-wrap: anywhere }
  th, td { padding: .2rem .3rem; font-size: 12px }
  .wide { display: none }
  .narrow { display: block }
}
@media print { body { margin: 0; max-width: none } section { break-inside: avoid-page } }`;

/** A whole page. @param lead what it is about, in sentences */
export function page(title: string, lead: string[], sections: Section[]): string {
  const parts = sections.map(({ title, note, body }) => {
    const remark = note ? `<p class="note">${escape(note)}</p>` : '';
    return `<section><h2>${escape(title)}</h2>${remark}${body}</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escape(title)}</h1>
${lead.map((text) => `<p class="lead">${escape(text)}</p>`).join('\n')}
${parts.join('\n')}
</body>
</html>
`;
}
