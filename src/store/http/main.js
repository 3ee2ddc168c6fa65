/**
 * An app that takes its model over HTTP: `curl --data-binary @model.upload http://ADDRESS/model`. `flint sign`
 * makes the upload. http://ADDRESS/ tells which model runs.
 */
import { Server } from 'http';
import config from 'mc/config';
import Timer from 'timer';
import { load, selfTest } from 'flint/model';
import { endUpload, receiveModel, writeUpload } from 'flint/receive';
import { findModel } from 'flint/store';

/** Moddable's, where a device can be restarted. */
const { System } = globalThis;

const say = (line) => trace(line, '\n');

/** The app's model, which it would run: gone while a new one is tested, for few devices have RAM for two. */
let model, where, slot;

function start() {
  ({ model, where, slot } = findModel((file) => {
    const loaded = load(file);
    selfTest(loaded);
    return loaded;
  }, say));
  say(`runs the model in ${where}`);
}
start();

/** What is wrong with an upload is the answer to the request. */
function attempt(request, work) {
  if (request.status !== 200) return;
  try {
    work();
  } catch (error) {
    request.status = 400;
    request.answer = error.message;
  }
}

function finish(request) {
  attempt(request, () => {
    model = undefined;
    const { number, slot } = endUpload(request.upload);
    request.answer = `model ${number} is in slot ${slot}, the device restarts`;
  });
  if (!model) {
    if (request.status !== 200) start();
    else Timer.set(() => System?.restart?.(), 500);
  }
  say(request.answer);
}

new Server({ port: config.port ?? 80 }).callback = function (message, value) {
  switch (message) {
    case Server.status: // its path has come
      this.status = 200;
      this.answer = `runs the model in ${where}, an arena of ${model?.arena.length} bytes`;
      if (value === '/model') attempt(this, () => (this.upload = receiveModel(slot)));
      break;
    case Server.headersComplete:
      return true; // the body is wanted as it comes
    case Server.requestFragment: {
      const bytes = this.read(ArrayBuffer);
      if (this.upload) attempt(this, () => writeUpload(this.upload, bytes));
      break;
    }
    case Server.prepareResponse:
      if (this.upload) finish(this);
      return { status: this.status, headers: ['Content-Type', 'text/plain'], body: `${this.answer}\n` };
  }
};
