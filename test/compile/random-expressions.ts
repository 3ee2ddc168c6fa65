/**
 * Random expressions. Whatever stands where its own value matters, as compared, divided or given to a
 * function, is an int32; sums and products are taken back to 32 bits before a double could lose bits.
 */
import type { Random } from '../support/random';
import { edges } from './agrees';

/** An expression and how tightly its operator binds, after JavaScript's table. */
interface Expression {
  text: string;
  binds: number;
}

export const ATOM = 18,
  UNARY = 14,
  binding: Record<string, number> = {
    '*': 12,
    '+': 11,
    '-': 11,
    '<<': 10,
    '>>': 10,
    '>>>': 10,
    '&': 7,
    '^': 6,
    '|': 5,
  };

/** Writes expressions. */
export class Expressions {
  protected variables: string[] = [];
  constructor(protected random: Random) {}

  /** Only what is needed stands in parentheses, or sometimes more. */
  protected at(least: number, { text, binds }: Expression): string {
    return binds < least || this.random.below(8) === 0 ? `(${text})` : text;
  }

  protected binary(operator: string, left: Expression, right: Expression): Expression {
    const binds = binding[operator],
      second = this.at(binds + 1, right),
      isGeneric = operator[0] === '>' && left.text.includes('<'); // to TypeScript, a << b >> (c) is a call
    return { text: `${this.at(isGeneric ? ATOM : binds, left)} ${operator} ${second}`, binds };
  }

  private constant(): Expression {
    const { random } = this,
      value = random.below(3) ? random.pick(edges) : random.between(-9, 9);
    return value < 0 ? { text: String(value), binds: UNARY } : { text: String(value), binds: ATOM };
  }

  private variable(): Expression {
    return { text: this.random.pick(this.variables), binds: ATOM };
  }

  /** A value of 32 bits. */
  protected int(depth: number): Expression {
    const { random } = this;
    if (depth === 0) return random.below(3) ? this.variable() : this.constant();
    const inner = (): Expression => this.int(random.below(depth)),
      text = (): string => inner().text;
    switch (random.below(16)) {
      case 0:
      case 1:
        return this.binary('|', this.sum(depth), { text: '0', binds: ATOM });
      case 2:
        return this.binary(random.pick(['&', '^', '|']), this.sum(depth - 1), this.sum(depth - 1));
      case 3:
        return this.binary(random.pick(['<<', '>>']), this.sum(depth - 1), inner());
      case 4:
        return this.binary('>>>', this.sum(depth - 1), { text: String(random.between(1, 31)), binds: ATOM });
      case 5:
        return { text: `(${this.at(12, inner())} / ${this.at(13, inner())}) | 0`, binds: 5 };
      case 6:
        return { text: `${this.at(12, inner())} % ${this.at(13, inner())} | 0`, binds: 5 };
      case 7:
        return { text: `Math.${random.pick(['imul', 'min', 'max'])}(${text()}, ${text()})`, binds: ATOM };
      case 8:
        return { text: `${random.pick(['Math.clz32', '~~'])}(${text()})`, binds: UNARY };
      case 9:
        return { text: `${this.condition(depth - 1).text} ? ${text()} : ${text()}`, binds: 2 };
      case 10:
        return { text: `arena[${this.at(7, inner())} & 63]`, binds: ATOM };
      case 11:
        return { text: `words[${this.at(7, inner())} & 15]`, binds: ATOM };
      case 12:
        return { text: `LIST[${this.at(7, inner())} & 7]`, binds: ATOM };
      case 13:
        return { text: `${this.variable().text} || ${this.at(4, inner())}`, binds: 3 };
      case 14:
        return { text: `step(${text()}, ${text()})`, binds: ATOM };
      default:
        return { text: `~${this.at(UNARY, this.sum(depth - 1))}`, binds: UNARY };
    }
  }

  /** A sum of few terms, which leaves 32 bits but no double. */
  protected sum(depth: number): Expression {
    const { random } = this;
    if (depth < 1) return this.variable();
    const inner = (): Expression => {
      const rest = random.below(depth);
      return rest ? this.int(rest) : this.variable();
    };
    switch (random.below(5)) {
      case 0:
        return inner();
      case 1: {
        const small = this.binary('&', inner(), { text: '32767', binds: ATOM });
        return this.binary('*', small, inner());
      }
      case 2: {
        const operand = this.at(UNARY, inner());
        return { text: `-${operand.startsWith('-') ? ' ' : ''}${operand}`, binds: UNARY };
      }
      default:
        return this.binary(random.pick(['+', '-']), this.sum(depth - 1), this.sum(depth - 1));
    }
  }

  protected condition(depth: number): Expression {
    const { random } = this;
    if (depth > 0 && random.below(2)) {
      const and = random.below(2) === 0,
        least = and ? 4 : 3,
        [left, right] = [this.condition(depth - 1), this.condition(depth - 1)];
      return {
        text: `${this.at(least, left)} ${and ? '&&' : '||'} ${this.at(least + 1, right)}`,
        binds: least,
      };
    }
    const left = random.below(2)
      ? this.variable()
      : this.binary('^', this.variable(), this.int(Math.max(depth, 0)));
    switch (random.below(4)) {
      case 0:
        return { text: `!${this.at(UNARY, left)}`, binds: UNARY };
      case 1:
        return {
          text: `${this.at(9, left)} ${random.pick(['===', '!=='])} ${this.at(9, this.variable())}`,
          binds: 8,
        };
      default:
        return {
          text: `${this.at(10, left)} ${random.pick(['<', '>', '<=', '>='])} ${this.at(10, this.int(Math.max(depth, 0)))}`,
          binds: 9,
        };
    }
  }
}
