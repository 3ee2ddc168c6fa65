/** How many letters to put in, leave out, replace or swap with the next turn one word into the other. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? rows[i - 2][j - 2] + 1 : Infinity;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced, swapped);
    }
  }
  return rows[a.length][b.length];
}

const letters = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The known word that was probably meant, of words as near one that begins the same way. Case and hyphens do
 * not count; one letter in three may be wrong.
 * @returns undefined where none is near
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => editDistance(letters(word), letters(name))),
    least = Math.min(...distances),
    near = known.filter((_, i) => distances[i] === least && least <= letters(word).length / 3);
  return near.find((name) => letters(name)[0] === letters(word)[0]) ?? near[0];
}
