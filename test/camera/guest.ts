/** Runs on XS: the camera app on a board of ours, and what happens there, by the arguments behind the first. */
import { pass, press } from './board';
import '../../src/camera/main';

declare const args: string[];

for (const event of args.slice(1)) {
  trace(`- ${event}\n`);
  if (event === 'press') press();
  else pass(Number(event));
}
