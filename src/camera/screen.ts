/** The frame and the answer on a display, drawn with Poco. */
import Bitmap from 'commodetto/Bitmap';
import Poco from 'commodetto/Poco';
import type PixelsOut from 'commodetto/PixelsOut';
import parseBMF from 'commodetto/parseBMF';
import Resource from 'Resource';
import { linesOf, wrapped } from './lines';
import type { View } from './watch';

/** Pixels around the text. */
const MARGIN = 4;

/** Frames above, their middle part where the display is smaller, and two lines of text below. */
export function screenView(screen: PixelsOut): View {
  const poco = new Poco(screen, { displayListLength: 4096 }),
    font = parseBMF(new Resource('OpenSans-Semibold-18.bf4')),
    black = poco.makeColor(0, 0, 0),
    white = poco.makeColor(255, 255, 255),
    yellow = poco.makeColor(255, 220, 0),
    textHeight = 2 * font.height + 2 * MARGIN,
    picture = { width: poco.width, height: poco.height - textHeight };
  const lineWidth = poco.width - 2 * MARGIN;
  let hasMessage = true;
  /** Nothing but these lines. */
  const show = (lines: string[]): void => {
    poco.begin();
    poco.fillRectangle(black, 0, 0, poco.width, poco.height);
    lines.forEach((line, i) => poco.drawText(line, font, white, MARGIN, MARGIN + i * font.height, lineWidth));
    poco.end();
  };
  return {
    frame(frame, { width, height, imageType }) {
      // Poco draws what has the display's own format.
      if (imageType !== screen.pixelFormat) return;
      if (hasMessage) show([]);
      hasMessage = false;
      const w = Math.min(width, picture.width),
        h = Math.min(height, picture.height),
        x = (picture.width - w) >> 1,
        y = (picture.height - h) >> 1;
      const bits = new Bitmap(width, height, imageType, frame, 0);
      poco.begin(x, y, w, h);
      poco.drawBitmap(bits, x, y, (width - w) >> 1, (height - h) >> 1, w, h);
      poco.end();
    },
    answer(answer) {
      const [seen, speed] = linesOf(answer),
        y = picture.height;
      poco.begin(0, y, poco.width, textHeight);
      poco.fillRectangle(black, 0, y, poco.width, textHeight);
      poco.drawText(seen, font, answer.frozen ? yellow : white, MARGIN, y + MARGIN, lineWidth);
      poco.drawText(speed, font, white, MARGIN, y + MARGIN + font.height, lineWidth);
      poco.end();
    },
    say(message) {
      hasMessage = true;
      show(wrapped(message, lineWidth, (text) => poco.getTextWidth(text, font)));
    },
  };
}
