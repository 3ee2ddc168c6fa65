/** Functions of one value, as plain data: what networks make of sigmoids, clips and sums is one table. */
import { halfEven } from './real-tables';

/** The value x, a number, or an operator over others. */
export type Expression = 'x' | number | [keyof typeof operators, ...Expression[]];

/** The error function, by a series all of whose terms have one sign, so that nothing cancels. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x,
    sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-x * x);
}

const softplus = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));
const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

const operators = {
  abs: Math.abs,
  add: (a: number, b: number) => a + b,
  ceil: Math.ceil,
  cos: Math.cos,
  divide: (a: number, b: number) => a / b,
  /** exp(v) - 1 below zero; @param alpha its factor */
  elu: (v: number, alpha: number) => (v < 0 ? alpha * Math.expm1(v) : v),
  erf,
  exp: Math.exp,
  floor: Math.floor,
  leaky: (v: number, alpha: number) => (v < 0 ? alpha * v : v),
  log: Math.log,
  maximum: (a: number, b: number) => Math.max(a, b),
  minimum: (a: number, b: number) => Math.min(a, b),
  multiply: (a: number, b: number) => a * b,
  negate: (v: number) => -v,
  power: (a: number, b: number) => a ** b,
  round: halfEven,
  sigmoid,
  sign: Math.sign,
  sin: Math.sin,
  softplus,
  softsign: (v: number) => v / (1 + Math.abs(v)),
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  /** Zero up to a threshold. */
  threshold: (v: number, alpha: number) => (v > alpha ? v : 0),
};

/** Its value at x. */
export function evaluate(expression: Expression, x: number): number {
  if (expression === 'x') return x;
  if (typeof expression === 'number') return expression;
  const [name, ...operands] = expression,
    compute = operators[name] as (...values: number[]) => number;
  return compute(...operands.map((operand) => evaluate(operand, x)));
}

/** The expression with another for x. */
export function substituted(expression: Expression, x: Expression): Expression {
  if (expression === 'x') return x;
  if (typeof expression === 'number') return expression;
  const [name, ...operands] = expression;
  return [name, ...operands.map((operand) => substituted(operand, x))];
}

/** x, but not below `low` nor above `high`. */
export const between = (x: Expression, low: number, high: number): Expression => [
  'minimum',
  ['maximum', x, low],
  high,
];

/** How many operators it has. */
export const sizeOf = (expression: Expression): number =>
  typeof expression === 'object'
    ? expression.slice(1).reduce<number>((sum, operand) => sum + sizeOf(operand as Expression), 1)
    : 0;
