/** What is odd about names of classes. */

/** Remarks for people: blank names, and names that stand for two classes. */
export function labelRemarks(labels: string[]): string[] {
  const blank = labels.flatMap((label, i) => (label ? [] : [i + 1])),
    twice = [...new Set(labels.filter((label, i) => label && labels.indexOf(label) !== i))],
    remarks: string[] = [];
  if (blank.length)
    remarks.push(`labels: ${blank.length > 1 ? 'lines' : 'line'} ${blank.join(', ')} of them without a name`);
  for (const label of twice) {
    const lines = labels.flatMap((other, i) => (other === label ? [i + 1] : []));
    remarks.push(`labels: ${label} is the name of classes on lines ${lines.join(' and ')}`);
  }
  return remarks;
}
