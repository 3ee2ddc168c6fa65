/** How long each operator takes on the device itself. */
import Time from 'time';
import { Header, Operator } from './format';
import { runOperator, type Model } from './model';
import { operators } from './operators';
import { checkedOf, turnTo } from './operators/operator';
import { operatorName } from './read';

/** One operator of a profile. */
export interface OperatorTime {
  /** Its kind, and its name in the source model. */
  name: string;
  /** In whole milliseconds where the platform's clock is no finer. */
  microseconds: number;
  /** Multiply-adds, or values that windows look at. */
  work: number;
}

const now = (): number => Time.microseconds ?? Time.ticks * 1000;

/** Runs the model once, on the inputs that are there, and tells how long each operator took. */
export function profile(model: Model): OperatorTime[] {
  const { words } = model,
    c = checkedOf(words),
    times: OperatorTime[] = [];
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    turnTo(c, i);
    const work = operators[words[c.at + Operator.code]].work?.(c) ?? 0,
      start = now();
    runOperator(model, i);
    times.push({ name: operatorName(words, i), microseconds: Math.round(now() - start), work });
  }
  return times;
}
