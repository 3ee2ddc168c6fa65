/** Random functions of the subset, of random expressions. */
import { ATOM, Expressions } from './random-expressions';

/** Writes functions. */
export class Programs extends Expressions {
  private loops = 0;

  /** A function of two numbers and two arrays. */
  function(name: string): string {
    this.variables = ['a', 'b'];
    const statements = Array.from({ length: this.random.between(1, 2) }, () => this.statement(1)),
      text = `/** @compiled kernels */\nexport function ${name}(arena: Int8Array, words: Int32Array, a: number, b: number): number {
  let x = ${this.int(2).text}, y = ${this.int(1).text};\n`;
    this.variables.push('x', 'y');
    statements.push(...Array.from({ length: 1 }, () => this.statement(2)));
    const end = `  return ${this.int(3).text};\n}\n`;
    return `${text}${statements.join('')}${end}`;
  }

  private statement(depth: number): string {
    const { random } = this,
      assigned = random.pick(['x', 'y', 'a', 'b']),
      some = (): string =>
        Array.from({ length: random.between(1, 2) }, () => this.statement(depth - 1)).join(''),
      body = (): string =>
        random.below(2) ? `{\n${some()}  }\n` : this.statement(depth - 1).trimEnd() + '\n';
    if (depth > 0)
      switch (random.below(6)) {
        case 0:
          return `  if (${this.condition(2).text}) {\n${some()}  }\n`;
        case 1:
          return `  if (${this.condition(1).text}) {\n${some()}  } else ${body()}`;
        case 2: {
          const i = `i${this.loops++}`,
            end = this.at(10, this.binary('&', this.int(1), { text: '7', binds: ATOM })),
            leave = random.below(2)
              ? `    if (${this.condition(1).text}) ${random.pick(['break', 'continue'])};\n`
              : '';
          return `  for (let ${i} = 0, n = ${end}; ${i} < n; ${i}++) {\n${leave}${some()}  }\n`;
        }
      }
    switch (random.below(6)) {
      case 0:
        return `  arena[${this.at(7, this.int(1))} & 63] ${random.pick(['=', '+=', '-=', '^='])} ${this.int(2).text};\n`;
      case 1:
        return `  ${assigned} ${random.pick(['&=', '|=', '^=', '<<=', '>>='])} ${this.sum(2).text};\n`;
      case 2:
        return `  { ${assigned} ${random.pick(['+=', '-='])} ${this.int(2).text}; ${assigned} |= 0; }\n`;
      case 3:
        return `  { const ${assigned} = ${this.shadowed(assigned)}; arena[5] = ${this.int(1).text}; }\n`;
      default:
        return `  ${assigned} = ${this.int(2).text};\n`;
    }
  }

  /** What a variable of the same name in an inner block begins with: not itself. */
  private shadowed(name: string): string {
    const kept = this.variables;
    this.variables = ['a', 'b', 'x', 'y'].filter((v) => v !== name);
    const { text } = this.int(1);
    this.variables = kept;
    return text;
  }
}

/** What the functions name. */
export const around = `
const LIST = Object.freeze([0, 1, -1, 2147483647, -2147483648, 255, 77777, -5]);
const step = (v: number, by: number): number => (v >> 3) - Math.imul(by, 5) | 0;
`;
