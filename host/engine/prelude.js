// Moddable's modules that device code imports, made of the host functions in host.c. Rollup maps the imports to these globals.

class Resource {
  constructor(name) {
    return Object.setPrototypeOf(openResource(name), Resource.prototype);
  }
  static exists(name) {
    return resourceExists(name);
  }
  get byteLength() {
    return byteLength(this);
  }
  slice(begin, end = byteLength(this), copy = true) {
    const view = sliceResource(this, begin, end);
    return copy ? new Uint8Array(view).slice().buffer : Object.setPrototypeOf(view, Resource.prototype);
  }
}

const Time = {
  get ticks() {
    return Math.round(milliseconds());
  },
};

const Instrumentation = {
  map: (name) => ['XS Chunk Heap Used', 'XS Slot Heap Used', 'XS Garbage Collection Count'].indexOf(name),
  get: (what) => measure(what),
};
