/** The board's button, touch panel, or the simulator's: whatever there is to press. */
import Timer from 'timer';

interface Button {
  new (options: { onPush(pressed: number): void }): unknown;
}
interface TouchPanel {
  sample(): unknown[] | undefined;
  readonly configuration?: { interrupt?: boolean };
}
interface Touch {
  new (options: { onSample(): void }): TouchPanel;
}

/** What boards define, where they have it. */
interface Board {
  Host?: { Button?: { Default?: Button } };
  device?: { sensor?: { Touch?: Touch } };
  screen?: { context?: unknown };
}

/** Milliseconds between looks at a touch panel that does not tell by itself. */
const SAMPLING = 50;

/** Calls `act` whenever something is pressed. */
export function onPress(act: () => void): void {
  const { Host, device, screen } = globalThis as Board,
    Button = Host?.Button?.Default,
    Touch = device?.sensor?.Touch;
  if (Button) new Button({ onPush: (pressed) => pressed && act() });
  if (Touch) listen(Touch, act);
  // In the simulator the screen itself is touched.
  else if (screen) screen.context = { onTouchBegan: act };
}

function listen(Touch: Touch, act: () => void): void {
  let isDown = false;
  const onSample = (): void => {
      const points = panel.sample();
      if (!points) return; // not known yet
      if (points.length && !isDown) act();
      isDown = points.length > 0;
    },
    panel = new Touch({ onSample });
  if (!panel.configuration?.interrupt) Timer.repeat(onSample, SAMPLING);
}
